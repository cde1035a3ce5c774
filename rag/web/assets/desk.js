// Desk: the conversation on the left, its sources on the right.

import { Composer } from "./composer.js";
import { Drawer } from "./drawer.js";
import { announce, fill, h, icon, iconButton } from "./element.js";
import { ExchangeView, asked, isRunning } from "./exchange.js";
import { download } from "./export.js";
import { conversations, forget, forgetAll, keep, newConversation, newId, onOthersChange } from "./history.js";
import { Panel } from "./panel.js";
import { Speech } from "./speech.js";
import { makeViewer } from "./viewer.js";

const N_TURNS = 4; // that a question is understood from
const LOOK_SECONDS = 5; // between looks at whether the program still runs, while it answers
const LOST_SECONDS = 20; // of silence: a program that answers tells something every two
const TROUBLE_SECONDS = 4; // of silence, where Gradio itself has said that something went wrong
const NARROW = matchMedia("(max-width: 900px)");
const STILL = matchMedia("(prefers-reduced-motion: reduce)");

/** Open the desk in a component of the page. */
export function open(component) {
  new Desk(component);
}

class Desk {
  constructor({ element, props, trigger, watch, server }) {
    this.props = props;
    this.trigger = trigger;
    this.server = server;
    this.mayChange = props.value?.may_change === true; // whether documents may be added here
    this.model = null; // that this browser has chosen
    this.about = null; // what the program says of itself
    this.views = new Map();
    this.selected = null;
    this.running = null;
    this.speech = null; // of the answer that is coming
    this.seen = new Set(); // exchanges that this tab has had: what it took out stays out
    this.openDocument = makeViewer((request) => server.read_document(request));
    this.build(element);
    this.show(conversations()[0] ?? newConversation());
    this.describe();
    watch("value", () => this.take(props.value));
    NARROW.addEventListener("change", () => this.placeSources());
    window.addEventListener("rag:documents-changed", () => this.describe());
    window.addEventListener("rag:model-chosen", ({ detail }) => {
      this.model = detail;
      this.describe();
    });
    onOthersChange(() => this.adopt());
    window.addEventListener("rag:trouble", () => setTimeout(() => this.look(TROUBLE_SECONDS - 1), TROUBLE_SECONDS * 1000));
    window.addEventListener("rag:open-document", ({ detail }) => this.openDocument({ path: detail.path, line: 1 }));
  }

  build(element) {
    this.drawer = new Drawer({
      begin: () => this.begin(),
      reopen: (id) => this.reopen(id),
      forget: (id) => this.forgetOne(id),
      forgetAll: () => this.forgetAll(),
    });
    this.exporting = iconButton("download", "Guardar la conversación en Markdown", () => download(this.conversation));
    this.fresh = iconButton("add", "Conversación nueva", () => this.begin());
    this.list = h("div", { class: "exchanges", tabindex: 0, role: "group", "aria-label": "Preguntas y respuestas" });
    this.composer = new Composer({ ask: (question) => this.ask(question), stop: () => this.stop() });
    this.talk = h(
      "section",
      { class: "talk", "aria-label": "Conversación" },
      h("div", { class: "toolbar" }, this.drawer.button, this.fresh, h("span", { class: "grow" }), this.exporting),
      this.list,
      this.composer.element,
    );
    this.panel = new Panel(this.openDocument);
    this.desk = h("div", { class: "desk" }, this.drawer.element, this.talk, this.panel.side);
    fill(element, this.desk);
  }

  // --- what the program says of itself ---

  async describe() {
    try {
      this.about = await this.server.describe_program({ model: this.model });
    } catch {
      this.about = null;
    }
    window.dispatchEvent(new CustomEvent("rag:described", { detail: this.about }));
    if (!this.conversation.exchanges.length) this.welcome();
    if (this.about) this.composer.setLimit(this.about.max_question_chars);
  }

  // --- the conversation ---

  begin() {
    if (this.running) this.stop();
    this.drawer.toggle(false);
    this.show(newConversation());
    this.composer.focus();
  }

  show(conversation) {
    this.conversation = conversation;
    this.views.clear();
    this.selected = null;
    for (const { id } of conversation.exchanges) this.seen.add(id);
    for (const exchange of conversation.exchanges) this.views.set(exchange.id, new ExchangeView(exchange, this.actions()));
    fill(this.list, ...[...this.views.values()].map((view) => view.element));
    if (!conversation.exchanges.length) this.welcome();
    this.select(conversation.exchanges.at(-1) ?? null);
    this.listPast();
    this.list.scrollTop = this.list.scrollHeight;
  }

  /** Take what another tab of this browser has added to the conversation. */
  adopt() {
    this.listPast();
    const kept = conversations().find((each) => each.id === this.conversation.id);
    if (this.running || kept === undefined) return;
    if (kept.exchanges.some(({ id }) => !this.seen.has(id))) this.show({ ...kept, exchanges: this.united(kept) });
  }

  /** The exchanges of this tab, after those that only another has. */
  united(kept) {
    const others = kept?.exchanges.filter(({ id }) => !this.seen.has(id)) ?? [];
    return [...this.conversation.exchanges.slice(0, -1), ...others, ...this.conversation.exchanges.slice(-1)];
  }

  welcome() {
    const { about } = this;
    const isEmpty = about?.problem?.kind === "no_index" || about?.n_documents === 0;
    fill(
      this.list,
      h(
        "div",
        { class: "welcome" },
        h("h2", {}, isEmpty ? "Todavía no hay documentos" : "Pregunta a tus documentos"),
        h(
          "p",
          {},
          isEmpty
            ? this.mayChange
              ? "Añade los archivos o la carpeta que quieras consultar, y pregunta después. Nada sale de este equipo."
              : "Los añade quien ha abierto la página: desde ella no se puede."
            : "Cada respuesta cita el archivo y la línea que lo dicen. Nada sale de este equipo.",
        ),
        isEmpty && this.mayChange && h("button", { type: "button", class: "primary", onclick: () => addDocuments() }, icon("add"), "Añadir documentos"),
        about?.problem && !isEmpty && h("p", { class: "failure", role: "alert" }, `${about.problem.message}. ${about.problem.remedy}.`),
        about?.speaker.notices.map((notice) => h("p", { class: "notice" }, notice)),
        !isEmpty && about?.examples.length > 0 && [
          h("p", { class: "hint" }, "Por ejemplo:"),
          h("ul", { class: "examples" }, about.examples.map((example) => h("li", {}, h("button", { type: "button", onclick: () => this.ask(example) }, example)))),
        ],
      ),
    );
  }

  actions() {
    return {
      chooseModel: () => openTab("Ajustes"),
      cite: (exchange, marker) => this.cite(exchange, marker),
      edit: (exchange, question) => this.askAgain(exchange, question),
      retry: (exchange) => this.askAgain(exchange, exchange.question),
      rate: (exchange, isGood) => this.rate(exchange, isGood),
      showSources: (exchange) => this.showSources(exchange),
      addDocuments: this.mayChange ? addDocuments : null,
    };
  }

  /** Ask in the place of an exchange. What came after it stays in the history, in a conversation of its own. */
  askAgain(exchange, question) {
    if (this.running) return;
    const at = this.conversation.exchanges.findIndex((each) => each.id === exchange.id);
    const before = this.conversation.exchanges.slice(0, at);
    if (at < this.conversation.exchanges.length - 1) this.show({ ...newConversation(), exchanges: before });
    else this.show({ ...this.conversation, exchanges: before });
    this.ask(question);
  }

  ask(question) {
    if (this.running) return;
    const exchange = asked(newId(), question);
    const turns = this.conversation.exchanges.map((each) => each.turn).filter(Boolean).slice(-N_TURNS);
    if (!this.conversation.exchanges.length) fill(this.list);
    this.conversation.exchanges.push(exchange);
    const view = new ExchangeView(exchange, this.actions());
    this.views.set(exchange.id, view);
    this.list.append(view.element);
    this.composer.clear();
    this.running = exchange.id;
    this.seen.add(exchange.id);
    this.speech = new Speech();
    this.select(exchange);
    this.settle();
    this.list.scrollTo({ top: view.element.offsetTop - this.list.offsetTop, behavior: STILL.matches ? "auto" : "smooth" });
    this.speech.take(exchange);
    this.trigger("submit", { id: exchange.id, question, turns });
    this.heard = Date.now();
    this.looking = setInterval(() => this.look(), LOOK_SECONDS * 1000);
  }

  /** Take a state of an answer. */
  take(state) {
    const exchange = this.conversation.exchanges.find((each) => each.id === state?.id);
    if (exchange === undefined || this.running !== exchange.id) return;
    this.heard = Date.now();
    const hadSources = exchange.sources.length > 0;
    const isAtEnd = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 120;
    Object.assign(exchange, state);
    this.views.get(exchange.id).update(exchange);
    if (this.selected?.id === exchange.id && !hadSources && exchange.sources.length) this.select(exchange);
    if (isAtEnd && !NARROW.matches) this.list.scrollTop = this.list.scrollHeight;
    if (isRunning(exchange)) this.speech.take(exchange);
    else this.finish(exchange);
  }

  finish(exchange) {
    clearInterval(this.looking);
    this.running = null;
    this.settle();
    if (this.selected?.id === exchange.id) this.select(exchange);
    this.speech.take(exchange);
    const kept = conversations().find((each) => each.id === this.conversation.id);
    const united = this.united(kept);
    if (united.length > this.conversation.exchanges.length) this.show({ ...this.conversation, exchanges: united });
    this.drawer.tell(keep(this.conversation));
    this.listPast();
    if (exchange.error) this.describe();
    if (!NARROW.matches && document.activeElement === document.body) this.composer.focus();
  }

  stop() {
    const exchange = this.conversation.exchanges.find((each) => each.id === this.running);
    this.trigger("stop", { id: exchange.id });
    exchange.state = "stopped";
    this.views.get(exchange.id).update(exchange);
    this.finish(exchange);
    this.composer.focus();
  }

  /** See whether the program still runs, where it has been silent. */
  async look(patience = LOST_SECONDS) {
    const exchange = this.conversation.exchanges.find((each) => each.id === this.running);
    const silent = (Date.now() - this.heard) / 1000;
    if (exchange === undefined || silent < Math.min(LOOK_SECONDS, patience)) return;
    try {
      await fetch(import.meta.url, { method: "HEAD", cache: "no-store" });
    } catch {
      return this.lose(exchange, "El programa ha dejado de responder", "Comprueba que «rag web» sigue en marcha y vuelve a preguntar");
    }
    if (silent < patience) return;
    this.trigger("stop", { id: exchange.id });
    this.lose(exchange, "La pregunta se ha perdido por el camino", "Vuelve a preguntar; si se repite, carga otra vez la página");
  }

  lose(exchange, message, remedy) {
    if (this.running !== exchange.id) return;
    exchange.state = "failed";
    exchange.error = { message, remedy, kind: "other" };
    this.views.get(exchange.id).update(exchange);
    this.finish(exchange);
  }

  async rate(exchange, isGood) {
    const rating = isGood ? "good" : "bad";
    try {
      const done = await this.server.rate({ rating, exchange: { ...exchange, trace: null } });
      if (done?.error) throw new Error(done.error);
      exchange.rating = rating;
      announce("Gracias: se ha guardado en este equipo");
    } catch (error) {
      announce(`No se ha podido guardar. ${error.message ?? ""}`);
    }
    this.views.get(exchange.id)?.update(exchange);
    this.drawer.tell(keep(this.conversation));
  }

  // --- the sources ---

  select(exchange) {
    this.selected = exchange;
    for (const [id, view] of this.views) view.element.classList.toggle("selected", id === exchange?.id);
    const hasSources = this.panel.show(exchange);
    this.desk.classList.toggle("without-sources", !hasSources);
    if (exchange !== null) this.placeSources();
  }

  /** Beside the conversation, or under the answer where there is no room. */
  placeSources() {
    this.panel.standUnder(NARROW.matches && this.selected ? this.views.get(this.selected.id).place : null);
  }

  showSources(exchange) {
    this.select(exchange);
    this.panel.focus();
  }

  cite(exchange, marker) {
    if (this.selected?.id !== exchange.id) this.select(exchange);
    this.panel.point(exchange, marker);
  }

  // --- the history ---

  listPast() {
    this.drawer.list(this.conversation);
    this.settle();
  }

  /** Show what can be done now. */
  settle() {
    this.composer.setBusy(this.running !== null);
    this.exporting.disabled = this.running !== null || !this.conversation.exchanges.length;
  }

  reopen(id) {
    const conversation = conversations().find((each) => each.id === id);
    if (conversation === undefined) return;
    if (this.running) this.stop();
    this.show(conversation);
  }

  forgetOne(id) {
    if (id === this.conversation.id) {
      if (this.running) this.stop();
      this.show(newConversation());
    }
    forget(id);
    this.listPast();
  }

  forgetAll() {
    if (!confirm("¿Borrar todas las conversaciones de este navegador?")) return;
    if (this.running) this.stop();
    forgetAll();
    this.drawer.tell(true);
    this.begin();
  }
}

function addDocuments() {
  openTab("Documentos");
}

function openTab(name) {
  const tab = [...document.querySelectorAll("[role=tab]")].find((each) => each.textContent.trim() === name);
  tab?.click();
  tab?.focus(); // what was pressed is out of sight now
}
