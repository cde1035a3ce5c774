// Troubles: what Gradio tells in English in a corner, told in Spanish and with what to do.

import { fill, h } from "./element.js";

const TOLD = ".toast-wrap [data-testid=toast-text]"; // our style sheet hides it
const LOST = /connection/i;
const NO_CONNECTION = "No hay conexión con el programa. Comprueba que «rag web» sigue en marcha: la página se conecta sola cuando vuelve.";
const BROKEN = "Algo no ha funcionado. Vuelve a intentarlo; si se repite, carga otra vez la página.";

/** Tell of each trouble for as long as Gradio does; `rag:trouble` tells it to the rest of the page. */
export function tellTroubles() {
  const place = h("p", { class: "trouble", role: "alert", hidden: true });
  (document.querySelector("main") ?? document.body).append(place);
  new MutationObserver(() => {
    const found = [...document.querySelectorAll(TOLD)].map((each) => each.textContent);
    const says = found.some((each) => LOST.test(each)) ? NO_CONNECTION : found.length ? BROKEN : "";
    if (says === place.textContent) return;
    fill(place, says);
    place.hidden = !says;
    if (says) window.dispatchEvent(new CustomEvent("rag:trouble"));
  }).observe(document.body, { childList: true, subtree: true });
}
