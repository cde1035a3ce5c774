// Sources: the lines that an answer rests on, in their context.

import { copy, h, icon } from "./element.js";

const STATUSES = {
  verified: ["verificada", "El archivo dice esto en estas líneas."],
  moved: ["movida", "El archivo ha cambiado: ahora lo dice en estas líneas."],
  stale: ["obsoleta", "El archivo ha cambiado y ya no dice esto."],
  missing: ["sin archivo", "El archivo ya no está donde estaba."],
};

/**
 * Show the sources of an exchange.
 * @param {Object} exchange
 * @param {(source: Object) => void} onopen - opens the whole document
 * @returns {Node[]}
 */
export function sourcesOf(exchange, onopen) {
  const { sources, state } = exchange;
  if (!sources.length) return [h("p", { class: "hint" }, emptyHint(exchange))];
  const cited = sources.filter((source) => source.cited);
  const others = sources.filter((source) => !source.cited);
  if (state !== "answered") return sources.map((source) => sourceCard(exchange, source, onopen, true));
  return [
    ...cited.map((source) => sourceCard(exchange, source, onopen, true)),
    others.length > 0 &&
      h(
        "details",
        { class: "others" },
        h("summary", {}, others.length === 1 ? "También se encontró otra cita" : `También se encontraron otras ${others.length} citas`),
        others.map((source) => sourceCard(exchange, source, onopen, false)),
      ),
  ];
}

/** Return what the panel is called, for what it shows. */
export function sourcesTitle(exchange) {
  if (exchange.state === "abstained") return "Lo más cercano";
  return "Fuentes";
}

/** Return the identifier of the element that shows a source. */
export function sourceId(exchange, marker) {
  return `source-${exchange.id}-${marker}`;
}

function emptyHint(exchange) {
  if (exchange.state === "searching") return "Buscando en los documentos…";
  if (exchange.state === "failed") return "No se ha llegado a buscar.";
  if (exchange.state === "stopped") return "Se detuvo antes de encontrar nada.";
  if (exchange.state === "conversed") return "Esto no era una pregunta: no se ha buscado nada.";
  return "Ningún pasaje de los documentos habla de esto.";
}

function sourceCard(exchange, source, onopen, isProminent) {
  const [status, explained] = STATUSES[source.status];
  const id = sourceId(exchange, source.marker);
  const copyButton = h(
    "button",
    { type: "button", class: "quiet", onclick: () => copy(source.copy, copyButton) },
    icon("copy"),
    "Copiar ubicación",
  );
  return h(
    "article",
    { class: isProminent ? "source" : "source minor", id, tabindex: -1, "aria-labelledby": `${id}-place` },
    h(
      "header",
      {},
      h("span", { class: "number", "aria-hidden": "true" }, source.marker),
      h(
        "div",
        { class: "where" },
        h("h3", { id: `${id}-place`, class: "place" }, h("span", { class: "unseen" }, `Fuente ${source.marker}: `), placeOf(source.place)),
        source.section && h("p", { class: "section" }, source.section),
      ),
      h("span", { class: `status ${source.status}`, title: explained }, status),
    ),
    lines(source),
    source.also.length > 0 && h("p", { class: "also" }, "También en ", breakable(source.also.join(", "))),
    source.warnings.map((warning) => h("p", { class: "warning" }, warning)),
    h(
      "footer",
      {},
      copyButton,
      source.status !== "missing" &&
        h("button", { type: "button", class: "quiet", onclick: () => onopen(source) }, icon("file"), "Abrir el documento"),
    ),
  );
}

function lines(source) {
  return h(
    "div",
    { class: "lines", role: "group", tabindex: 0, "aria-label": `Líneas de ${source.place}` },
    source.lines.map(numberedLine),
  );
}

/** Show a line with its number, what is cited of it marked. */
export function numberedLine(line) {
  return h(
    "div",
    { class: line.marks.length ? "line cited" : "line" },
    line.label && h("div", { class: "mark-label" }, line.label),
    h("span", { class: "line-number", "data-number": line.number ?? "", "aria-hidden": "true" }),
    h("span", { class: "line-text" }, line.cut?.[0] && "… ", marked(line), line.cut?.[1] && " …"),
  );
}

function marked({ text, marks }) {
  const pieces = [];
  let at = 0;
  for (const [start, end] of marks) {
    pieces.push(text.slice(at, start), h("mark", {}, text.slice(start, end)));
    at = end;
  }
  return [...pieces, text.slice(at)];
}

/** Show a place: its folders quieter than its name, where a narrow page may break it. */
export function placeOf(place) {
  const at = Math.max(place.lastIndexOf("/"), place.lastIndexOf("\\")) + 1;
  return [at > 0 && h("span", { class: "folder" }, breakable(place.slice(0, at))), h("bdi", {}, place.slice(at))];
}

/** A path may be broken after its slashes, so that a narrow page can show it. */
export function breakable(path) {
  return path.split(/(?<=[/\\])/).flatMap((piece, at) => (at ? [h("wbr"), piece] : [piece]));
}
