// Elements, made without markup: whatever a text says, it is shown as text.

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an element.
 * @param {string} tag
 * @param {Object} attributes - `onclick` and the like are listeners; what is null or false is left out
 * @param {...(Node|string|Array|null|false)} children - strings become text
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name.startsWith("aria-")) element.setAttribute(name, String(value)); // «false» says something
    else if (value === false) continue;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter(isShown));
  return element;
}

/** Put children in the place of those that an element has. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter(isShown));
}

function isShown(child) {
  return child !== null && child !== undefined && child !== false;
}

// On a square of 24, drawn with a line.
const DRAWINGS = {
  add: "M12 5v14M5 12h14",
  back: "M15 5l-7 7 7 7",
  close: "M6 6l12 12M18 6L6 18",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  done: "M5 12.5l4.5 4.5L19 7.5",
  down: "M6 9l6 6 6-6",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  edit: "M4 20l1-4L16.5 4.5l3 3L8 19zM14.5 6.5l3 3",
  file: "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
  menu: "M4 6h16M4 12h16M4 18h10",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z",
  retry: "M19 12a7 7 0 1 1-2.2-5.1M19 4v4h-4",
  send: "M12 19V5M6 11l6-6 6 6",
  stop: "M7 7h10v10H7z",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6L19 19M5 19l1.4-1.4M17.6 6.4L19 5",
  system: "M3 5h18v11H3zM9 20h6M12 16v4",
  thumbDown: "M17 4v9l-4 7c-1.5 0-2-1-2-2.5V14H6.2c-1.2 0-2-1-1.8-2.2l1.2-6C5.800 4.700 6.500 4 7.500 4H17M20 4v9",
  thumbUp: "M7 20v-9l4-7c1.500 0 2 1 2 2.500V10h4.800c1.200 0 2 1 1.800 2.200l-1.200 6c-.2 1.100-.9 1.800-1.900 1.800H7M4 20v-9",
  trash: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
  why: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM9.500 9.500a2.500 2.500 0 1 1 3.600 2.200c-.8.4-1.100.9-1.100 1.800M12 16.500v.01",
};

/** Make an icon, which says nothing to whoever listens: its button has a name. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", DRAWINGS[name]);
  svg.append(path);
  return svg;
}

/** Make an element of a drawing. */
export function drawn(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** Make a button that shows an icon and has a name. */
export function iconButton(name, label, onclick, attributes = {}) {
  return h(
    "button",
    { type: "button", class: "icon-button", "aria-label": label, title: label, onclick, ...attributes },
    icon(name),
  );
}

/** Put a text on the clipboard, and say on the button that it is there. */
export async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // A page that is not served over HTTPS has no clipboard, save on this machine.
    const area = h("textarea", { class: "unseen", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  const before = button.getAttribute("data-says") ?? "";
  button.setAttribute("data-says", "Copiado");
  announce("Copiado");
  setTimeout(() => button.setAttribute("data-says", before), 1500);
}

// There from the beginning: what a region begins with is not read out.
const region = h("div", { id: "announcements", class: "unseen", role: "log", "aria-live": "polite", "aria-label": "Avisos" });
document.body.append(region);

/** Say something to whoever listens to the page. */
export function announce(text) {
  if (!text.trim()) return;
  region.append(h("p", {}, text.trim()));
  while (region.childElementCount > 20) region.firstElementChild.remove();
}

/** Write seconds as a person reads them: «0,4 s». */
export function seconds(value) {
  const digits = value < 0.1 ? 2 : 1;
  return `${value.toLocaleString("es-ES", { minimumFractionDigits: digits, maximumFractionDigits: digits })} s`;
}
