// Viewer: a whole document, opened at a place.

import { fill, h, iconButton } from "./element.js";
import { breakable, numberedLine } from "./sources.js";

/**
 * Make a viewer.
 * @param {(request: Object) => Promise<Object>} read - returns a window of a document
 * @returns {(request: Object) => Promise<void>} opens one
 */
export function makeViewer(read) {
  const title = h("h2", { id: "viewer-title" });
  const about = h("p", { class: "hint" });
  const text = h("div", { class: "lines whole", tabindex: 0, role: "group", "aria-label": "Texto del documento" });
  const close = iconButton("close", "Cerrar el documento", () => dialog.close());
  const dialog = h(
    "dialog",
    { class: "viewer", "aria-labelledby": "viewer-title" },
    h("header", {}, h("div", {}, title, about), close),
    text,
  );
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.body.append(dialog);

  let shown = null; // the request that the viewer is open for

  async function extend(direction, line, button) {
    button.disabled = true;
    const { request } = shown;
    const found = await read({ ...request, [direction]: line });
    if (shown?.request !== request) return;
    if (found.error) return fill(button, told(found.error));
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
    fill(title, breakable(request.path));
    fill(about, "Abriendo…");
    fill(text);
    if (!dialog.open) dialog.showModal();
    let found;
    try {
      found = await read(request);
    } catch {
      found = { error: { message: "No se puede abrir el documento", remedy: "Comprueba que «rag web» sigue en marcha" } };
    }
    if (shown.request !== request) return;
    if (found.error) return fill(about, told(found.error));
    fill(about, [found.title, found.format, found.notice].filter(Boolean).join(" · "));
    fill(text, earlier(found), found.lines.map(numberedLine), later(found));
    const cited = text.querySelector(".cited");
    if (cited) cited.scrollIntoView({ block: "center" });
    text.focus({ preventScroll: true });
  };
}

function told({ message, remedy }) {
  return `${message}. ${remedy}.`;
}
