// Header: what this is, who answers, and the light it is read in.

import { fill, h, icon } from "./element.js";
import { speakSpanish } from "./spanish.js";
import { read, write } from "./store.js";
import { tellTroubles } from "./troubles.js";

const KEY = "rag.theme";
const THEMES = [
  ["system", "system", "Claro u oscuro, como el equipo"],
  ["light", "sun", "Claro"],
  ["dark", "moon", "Oscuro"],
];
const DARK = matchMedia("(prefers-color-scheme: dark)");

/** Open the header in a component of the page. */
export function open({ element, props }) {
  const speaker = h("p", { class: "speaker" });
  const button = h("button", { type: "button", class: "icon-button" });
  const show = () => {
    const [name, drawing, says] = THEMES.find(([each]) => each === theme()) ?? THEMES[0];
    fill(button, icon(drawing));
    button.setAttribute("aria-label", `Aspecto: ${says}`);
    button.title = `Aspecto: ${says}`;
    apply(name);
  };
  button.addEventListener("click", () => {
    const at = THEMES.findIndex(([each]) => each === theme());
    write(KEY, THEMES[(at + 1) % THEMES.length][0]);
    show();
  });
  DARK.addEventListener("change", show);
  window.addEventListener("rag:described", ({ detail }) => tellWhoAnswers(speaker, detail));
  fill(element, skipLink(), h("div", { class: "masthead" }, h("h1", {}, logo(), props.value.title), speaker, button));
  show();
  speakSpanish();
  tellTroubles();
  document.addEventListener("keydown", walkTabs);
}

function tellWhoAnswers(speaker, about) {
  if (about === null) {
    fill(speaker, h("span", { class: "dot bad" }), "El programa no responde");
    return;
  }
  const { name, notices } = about.speaker;
  fill(speaker, h("span", { class: notices.length ? "dot warn" : "dot" }), name && `Modelo: ${name}`);
  speaker.title = notices.join("\n");
  if (notices.length) speaker.append(h("span", { class: "speaker-notice" }, notices[0]));
}

function skipLink() {
  const skip = (event) => {
    event.preventDefault();
    document.querySelector("[role=tab]")?.click();
    requestAnimationFrame(() => document.getElementById("question")?.focus());
  };
  return h("a", { class: "skip", href: "#question", onclick: skip }, "Ir a la pregunta");
}

/** Go from tab to tab by the arrows, as in every row of tabs. */
function walkTabs(event) {
  const tab = event.target.closest?.("[role=tab]");
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!tab || !step) return;
  const tabs = [...tab.closest("[role=tablist]").querySelectorAll("[role=tab]")];
  const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
  event.preventDefault();
  next.click();
  next.focus();
}

function theme() {
  return read(KEY) ?? "system";
}

function apply(name) {
  const isDark = name === "dark" || (name === "system" && DARK.matches);
  document.body.classList.toggle("dark", isDark);
  document.documentElement.style.colorScheme = isDark ? "dark" : "light";
}

function logo() {
  const mark = h("span", { class: "logo", "aria-hidden": "true" });
  mark.append(h("span"), h("span"), h("span"));
  return mark;
}
