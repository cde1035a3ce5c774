// Viewer: a whole document, opened at a place.

import { fill, h, iconButton } from "./element.js";
import { numberedLine, placeOf } from "./sources.js";

const LOST = { error: { message: "No se puede abrir el documento", remedy: "Comprueba que «rag web» sigue en marcha" } };

/**
 * Make a viewer.
 * @param {(request: Object) => Promise<Object>} read - returns a window of a document
 * @returns {(request: Object) => Promise<void>} opens one
 */
export function makeViewer(read) {
  const heading = h("h2", { id: "viewer-title" });
  const about = h("p", { class: "hint", role: "status" });
  const text = h("div", { class: "lines whole", tabindex: 0, role: "group", "aria-label": "Texto del documento" });
  const close = iconButton("close", "Cerrar el documento", () => dialog.close());
  const dialog = h(
    "dialog",
    { class: "viewer", "aria-labelledby": "viewer-title" },
    h("header", {}, h("div", {}, heading, about), close),
    text,
  );
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  // Outside of the tabs, which hide what is in them, and where Gradio lets all our rules reach.
  (document.querySelector("main") ?? document.body).append(dialog);

  let shown = null; // the request that the viewer is open for

  async function extend(direction, line, button) {
    button.disabled = true;
    const { request } = shown;
    const found = await read({ ...request, [direction]: line }).catch(() => LOST);
    if (shown?.request !== request) return;
    if (found.error) {
      button.disabled = false;
      return fill(about, told(found.error));
    }
    const before = text.scrollHeight;
    const nodes = found.lines.map(numberedLine);
    if (direction === "before") {
      shown.first = found.first;
      button.replaceWith(...earlier(found), ...nodes);
      text.scrollTop += text.scrollHeight - before;
    } else {
      shown.last = found.last;
      button.replaceWith(...nodes, ...later(found));
    }
    text.focus({ preventScroll: true }); // the button that had it is gone
  }

  function earlier(found) {
    if (found.first <= 1) return [];
    const button = h("button", { type: "button", class: "more", onclick: () => extend("before", found.first, button) }, "Mostrar lo anterior");
    return [button];
  }

  function later(found) {
    if (found.last >= found.n_lines) return [];
    const button = h("button", { type: "button", class: "more", onclick: () => extend("after", found.last, button) }, "Mostrar lo siguiente");
    return [button];
  }

  return async function open(request) {
    shown = { request };
    fill(heading, placeOf(request.path));
    fill(about, "Abriendo…");
    dialog.classList.add("opening");
    fill(text);
    if (!dialog.open) dialog.showModal();
    const found = await read(request).catch(() => LOST);
    if (shown.request !== request) return;
    dialog.classList.remove("opening");
    if (found.error) return fill(about, told(found.error));
    const title = request.path.endsWith(found.title) ? "" : found.title;
    fill(about, [title, found.format, found.notice].filter(Boolean).join(" · "));
    fill(text, earlier(found), found.lines.map(numberedLine), later(found));
    const cited = text.querySelector(".cited");
    if (cited) cited.scrollIntoView({ block: "center" });
    text.focus({ preventScroll: true });
  };
}

function told({ message, remedy }) {
  return `${message}. ${remedy}.`;
}
