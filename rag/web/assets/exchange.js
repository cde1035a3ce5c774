// Exchange: a question and what becomes of it.

import { copy, fill, h, icon, iconButton, seconds } from "./element.js";
import { prose } from "./prose.js";
import { sourceId } from "./sources.js";
import { traceOf } from "./trace.js";

const RUNNING = new Set(["searching", "waiting", "writing", "thinking"]);

/** Whether an answer is still on its way. */
export function isRunning(exchange) {
  return RUNNING.has(exchange.state);
}

/** Return the state of an exchange that has just been asked. */
export function asked(id, question) {
  return {
    id, question, state: "searching", understood: null, text: "", sources: [], claims: [], notices: [], doubts: [],
    writer: "", seconds: null, trace: null, turn: null, error: null, rating: null,
  };
}

/**
 * An exchange on the page.
 *
 * `actions` are what the person may do with it: `cite(exchange, marker)`, `edit(exchange, question)`,
 * `retry(exchange)`, `rate(exchange, isGood)`, `showSources(exchange)`, `addDocuments()`, `chooseModel()`.
 */
export class ExchangeView {
  constructor(exchange, actions) {
    this.actions = actions;
    this.question = h("div", { class: "question" });
    this.answer = h("div", { class: "answer" });
    this.progress = h("p", { class: "progress" });
    this.notes = h("div", { class: "notes" });
    this.tools = h("div", { class: "tools" });
    this.why = h("div", { class: "why", hidden: true });
    this.place = h("div", { class: "sources-here" }); // where the sources stand on a phone
    this.element = h(
      "article",
      { class: "exchange", "aria-label": `Pregunta: ${exchange.question}` },
      this.question,
      this.answer,
      this.progress,
      this.notes,
      this.tools,
      this.place,
      this.why,
    );
    this.showQuestion(exchange);
    this.update(exchange);
  }

  /** Show another state of it. */
  update(exchange) {
    this.exchange = exchange;
    this.element.dataset.state = exchange.state;
    this.element.setAttribute("aria-busy", String(isRunning(exchange)));
    fill(
      this.answer,
      exchange.understood && h("p", { class: "understood" }, "He entendido: ", h("em", {}, exchange.understood)),
      exchange.text && prose(exchange.text, (marker) => this.link(marker)),
    );
    fill(this.progress, told(exchange));
    this.progress.hidden = !isRunning(exchange);
    fill(this.notes, this.remarks());
    fill(this.tools, isRunning(exchange) ? [] : this.buttons());
  }

  link(marker) {
    const { exchange } = this;
    const source = exchange.sources.find((each) => each.marker === marker);
    if (source === undefined) return `[${marker}]`;
    return h(
      "a",
      {
        class: "marker",
        href: `#${sourceId(exchange, marker)}`,
        "aria-label": `Fuente ${marker}: ${source.place}`,
        title: source.place,
        onclick: (event) => {
          event.preventDefault();
          this.actions.cite(exchange, marker);
        },
      },
      marker,
    );
  }

  remarks() {
    const { exchange } = this;
    const remarks = [...exchange.doubts, ...exchange.notices].map((notice) => h("p", { class: "notice" }, notice));
    if (exchange.state === "stopped") remarks.push(h("p", { class: "notice" }, "Respuesta detenida."));
    if (exchange.error) {
      const { message, kind } = exchange.error;
      const { addDocuments } = this.actions;
      const remedy = kind === "no_index" && !addDocuments ? "Los documentos los añade quien ha abierto la página" : exchange.error.remedy;
      remarks.push(
        h(
          "div",
          { class: "failure" },
          h("p", {}, h("strong", {}, message), ". ", remedy, remedy && "."),
          kind === "no_index" && addDocuments &&
            h("button", { type: "button", class: "primary", onclick: () => addDocuments() }, icon("add"), "Añadir documentos"),
        ),
      );
    }
    return remarks;
  }

  buttons() {
    const { exchange, actions } = this;
    const isAnswer = exchange.state === "answered" || exchange.state === "abstained";
    const copyButton = iconButton("copy", "Copiar la respuesta", () => copy(exchange.text, copyButton));
    const rate = (isGood, name, label) =>
      iconButton(name, label, () => actions.rate(exchange, isGood), { "aria-pressed": exchange.rating === (isGood ? "good" : "bad") });
    const whyButton = h(
      "button",
      { type: "button", class: "quiet", "aria-expanded": !this.why.hidden, onclick: () => this.toggleWhy(whyButton) },
      icon("why"),
      "¿Por qué esta respuesta?",
    );
    return [
      exchange.text && copyButton,
      iconButton("retry", "Preguntar otra vez", () => actions.retry(exchange)),
      exchange.error?.kind === "model" &&
        h("button", { type: "button", class: "quiet", onclick: () => actions.chooseModel() }, icon("system"), "Elegir otro modelo"),
      isAnswer && [rate(true, "thumbUp", "Buena respuesta"), rate(false, "thumbDown", "Mala respuesta")],
      isAnswer && exchange.trace && whyButton,
      exchange.sources.length > 0 &&
        h("button", { type: "button", class: "quiet to-sources", onclick: () => actions.showSources(exchange) }, icon("file"), "Ver las fuentes"),
      exchange.writer && h("span", { class: "writer" }, [exchange.writer, exchange.seconds && seconds(exchange.seconds.total)].filter(Boolean).join(" · ")),
    ];
  }

  toggleWhy(button) {
    this.why.hidden = !this.why.hidden;
    button.setAttribute("aria-expanded", String(!this.why.hidden));
    if (this.why.hidden) return;
    fill(this.why, traceOf(this.exchange));
    this.why.scrollIntoView({ block: "nearest" });
  }

  showQuestion(exchange) {
    const edit = iconButton("edit", "Cambiar la pregunta", () => this.editQuestion(exchange));
    fill(this.question, edit, h("div", { class: "bubble" }, h("h2", {}, exchange.question)));
  }

  editQuestion(exchange) {
    if (isRunning(this.exchange)) return;
    const area = h("textarea", { "aria-label": "Pregunta", rows: 3 });
    area.value = exchange.question;
    const leave = () => {
      this.showQuestion(exchange);
      this.question.querySelector("button").focus();
    };
    const send = () => {
      if (area.value.trim()) this.actions.edit(this.exchange, area.value.trim());
    };
    area.addEventListener("keydown", (event) => {
      if (event.key === "Escape") leave();
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        send();
      }
    });
    fill(
      this.question,
      h(
        "div",
        { class: "bubble editing" },
        h("h2", { class: "unseen" }, exchange.question),
        area,
        h(
          "div",
          { class: "choices" },
          h("button", { type: "button", class: "quiet", onclick: leave }, "Cancelar"),
          h("button", { type: "button", class: "primary", onclick: send }, "Preguntar"),
        ),
      ),
    );
    area.focus();
  }
}

/** Say what is being done. */
export function told(exchange) {
  switch (exchange.state) {
    case "searching":
      return "Buscando en los documentos…";
    case "waiting":
      return exchange.ahead === 1 ? "Esperando: hay otra respuesta antes" : `Esperando: hay ${exchange.ahead} respuestas antes`;
    case "thinking":
      return "Pensando…";
    case "writing":
      return exchange.text ? "Escribiendo…" : "Leyendo las citas…";
    default:
      return "";
  }
}
