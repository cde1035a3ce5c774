// Composer: where a question is written.

import { fill, h, icon } from "./element.js";

const MAX_HEIGHT = 200; // pixels
const FEW_LEFT = 200; // characters, from which on they are told

/** The box of the question. `actions` are `ask(question)` and `stop()`. */
export class Composer {
  constructor(actions) {
    this.actions = actions;
    this.limit = 2000; // characters, until the program says how many
    this.input = h("textarea", {
      id: "question",
      rows: 1,
      autocomplete: "off",
      enterkeyhint: "send",
      oninput: () => this.measure(),
      onkeydown: (event) => {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        if (!this.isBusy) this.send();
      },
    });
    this.button = h("button", { type: "submit", class: "send" });
    this.counter = h("p", { class: "counter", "aria-live": "polite" });
    this.element = h(
      "form",
      {
        class: "composer",
        onsubmit: (event) => {
          event.preventDefault();
          if (this.isBusy) actions.stop();
          else this.send();
        },
      },
      h("label", { class: "unseen", for: "question" }, "Pregunta"),
      this.input,
      this.button,
      this.counter,
    );
    this.setBusy(false);
  }

  focus() {
    this.input.focus();
  }

  clear() {
    this.input.value = "";
    this.measure();
  }

  /** Say how long a question may be. */
  setLimit(limit) {
    this.limit = limit;
    this.measure();
  }

  /** Show whether an answer is on its way: what is written meanwhile waits. */
  setBusy(isBusy) {
    this.isBusy = isBusy;
    const label = isBusy ? "Detener la respuesta" : "Preguntar";
    fill(this.button, icon(isBusy ? "stop" : "send"));
    this.button.setAttribute("aria-label", label);
    this.button.title = label;
    this.input.placeholder = isBusy ? "Espera a que termine la respuesta, o detenla" : "¿Qué quieres saber?";
  }

  /** Ask what is written, if it may be asked. */
  send() {
    const question = this.input.value.trim();
    if (question && question.length <= this.limit) this.actions.ask(question);
  }

  measure() {
    const { input } = this;
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight, MAX_HEIGHT)}px`;
    const left = this.limit - input.value.trim().length;
    fill(this.counter, left < 0 ? `Sobran ${-left} caracteres: acorta la pregunta` : left < FEW_LEFT ? `Quedan ${left} caracteres` : "");
    this.element.classList.toggle("too-long", left < 0);
  }
}
