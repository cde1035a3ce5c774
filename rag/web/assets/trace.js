// Trace: why an answer is what it is: what was found, what entered, what was cut, and how long it took.

import { drawn, h, seconds } from "./element.js";
import { placeOf } from "./sources.js";

const FATES = {
  evidence: "se usó",
  neighbour: "entró junto a otra",
  duplicate: "otra dice lo mismo",
  cut: "quedó fuera",
};
const SIGNALS = {
  cosine: "Parecido",
  coverage: "Palabras",
  before: "Frase anterior",
  around: "Alrededor",
  passage: "Pasaje",
  answer_type: "Tipo de dato",
  title: "Título",
};
const MAX_ROWS = 12;
const ROW_HEIGHT = 16; // of the plot

/** Show the trace of an exchange. */
export function traceOf({ trace, writer }) {
  const rows = trace.sentences.slice(0, MAX_ROWS);
  return h(
    "div",
    { class: "trace" },
    verdict(trace),
    rows.length > 0 && [
      h("h3", {}, "Las frases que se miraron"),
      plot(rows),
      table(
        `Las ${rows.length} frases mejor puntuadas de ${trace.sentences.length}`,
        ["", "Frase", "Qué fue de ella", "Puntos", ...Object.values(SIGNALS)],
        rows.map((row) => [
          row.rank,
          [clip(row.text), h("div", { class: "place" }, placeOf(row.place))],
          [FATES[row.fate], row.marker && ` [${row.marker}]`],
          number(row.score),
          ...Object.keys(SIGNALS).map((name) => number(row.signals[name] ?? 0)),
        ]),
      ),
      h("p", { class: "hint" }, "Más puntos es mejor; solo sirven para ordenar las frases de una misma pregunta."),
    ],
    trace.passages.length > 0 && [
      h("h3", {}, "Los pasajes de donde salen"),
      table(
        `Los ${trace.passages.length} pasajes mejor puntuados`,
        ["Dónde", "Puntos", "Por significado", "Por palabras"],
        trace.passages.map((row) => [
          [row.section, h("div", { class: "place" }, placeOf(row.place))],
          number(row.score),
          `${number(row.dense_score)}${rank(row.dense_rank)}`,
          `${number(row.lexical_score)}${rank(row.lexical_rank)}`,
        ]),
      ),
    ],
    h("h3", {}, "Tiempos"),
    times(trace.seconds, writer),
  );
}

function verdict(trace) {
  const percent = (value) => `${Math.round(value * 100)} %`;
  return h(
    "div",
    { class: "verdict" },
    h(
      "p",
      {},
      "Confianza en que las citas contestan: ",
      h("strong", {}, percent(trace.confidence)),
      `. Con menos del ${percent(trace.min_confidence)} no se contesta.`,
    ),
    h(
      "div",
      { class: "gauge", role: "img", "aria-label": `Confianza ${percent(trace.confidence)}, mínimo ${percent(trace.min_confidence)}` },
      h("div", { class: trace.is_enough ? "level" : "level low", style: `width:${trace.confidence * 100}%` }),
      h("div", { class: "threshold", style: `left:${trace.min_confidence * 100}%` }),
    ),
    trace.doubts.map((doubt) => h("p", { class: "hint" }, doubt)),
  );
}

function plot(rows) {
  const scores = rows.map((row) => row.score);
  const low = Math.min(0, ...scores);
  const span = Math.max(...scores) - low || 1;
  const height = rows.length * ROW_HEIGHT;
  const bars = rows.map((row, at) => {
    const width = Math.max(1, ((row.score - low) / span) * 380);
    const bar = drawn("rect", { x: 24, y: at * ROW_HEIGHT + 3, width, height: ROW_HEIGHT - 6, rx: 2, class: `bar ${row.fate}` });
    const label = drawn("text", { x: 18, y: at * ROW_HEIGHT + 12, "text-anchor": "end" }, String(row.rank));
    return drawn("g", {}, label, bar);
  });
  const drawing = drawn(
    "svg",
    { viewBox: `0 0 420 ${height}`, class: "plot", role: "img", "aria-label": "Puntos de cada frase; la tabla siguiente los dice" },
    ...bars,
  );
  const key = Object.entries(FATES).map(([fate, name]) => h("span", { class: `key ${fate}` }, name));
  return h("figure", {}, drawing, h("figcaption", {}, key));
}

function times({ retrieve, generate, total }, writer) {
  const share = total > 0 ? (retrieve / total) * 100 : 0;
  return h(
    "div",
    { class: "times" },
    h("div", { class: "split", "aria-hidden": "true" }, h("div", { style: `width:${share}%` })),
    h("p", {}, `Buscar ${seconds(retrieve)} · escribir y comprobar ${seconds(generate)} · en total ${seconds(total)}`),
    writer && h("p", { class: "hint" }, `Ha contestado ${writer}.`),
  );
}

function table(caption, names, rows) {
  return h(
    "div",
    { class: "scroll", tabindex: 0, role: "group", "aria-label": caption },
    h(
      "table",
      {},
      h("caption", { class: "unseen" }, caption),
      h("thead", {}, h("tr", {}, names.map((name) => h("th", { scope: "col" }, name || h("span", { class: "unseen" }, "Puesto"))))),
      h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell) => h("td", {}, cell))))),
    ),
  );
}

function number(value) {
  return value.toLocaleString("es-ES", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

function rank(place) {
  return place === null ? "" : ` (${place}.º)`;
}

function clip(text) {
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}
