// Drawer: the conversations of before, beside the one of now, or over it where there is no room.

import { fill, h, icon, iconButton } from "./element.js";
import { conversations, titleOf } from "./history.js";

const NARROW = matchMedia("(max-width: 900px)");

export class Drawer {
  /** `actions` are what can be done in it: `begin()`, `reopen(id)`, `forget(id)`, `forgetAll()`. */
  constructor(actions) {
    this.actions = actions;
    this.past = h("ol", { class: "past" });
    this.said = h("p", { class: "hint" }, "Se guardan solo en este navegador.");
    this.element = h(
      "nav",
      { class: "drawer", id: "drawer", "aria-label": "Conversaciones anteriores" },
      h(
        "div",
        { class: "drawer-top" },
        h("button", { type: "button", class: "quiet wide", onclick: () => actions.begin() }, icon("add"), "Conversación nueva"),
        iconButton("close", "Cerrar la lista", () => this.toggle(false), { class: "icon-button to-close" }),
      ),
      this.past,
      this.said,
      h("button", { type: "button", class: "quiet wide", onclick: () => actions.forgetAll() }, icon("trash"), "Borrar todas"),
    );
    this.button = iconButton("menu", "Conversaciones anteriores", () => this.toggle(), { "aria-expanded": false, "aria-controls": "drawer" });
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.toggle(false);
    });
    document.addEventListener("click", ({ target }) => {
      const isOutside = target.isConnected && !this.element.contains(target) && !this.button.contains(target);
      if (NARROW.matches && this.isOpen && isOutside) this.toggle(false);
    });
    this.element.addEventListener("focusout", ({ relatedTarget }) => {
      if (NARROW.matches && relatedTarget && !this.element.contains(relatedTarget)) this.toggle(false);
    });
    NARROW.addEventListener("change", () => this.toggle(false));
  }

  get isOpen() {
    return this.button.getAttribute("aria-expanded") === "true";
  }

  /** Open or close it; where it lies over the rest, the rest cannot be reached meanwhile. */
  toggle(isOpen = !this.isOpen) {
    if (isOpen === this.isOpen) return;
    const desk = this.element.parentElement;
    const hadFocus = this.element.contains(document.activeElement);
    this.button.setAttribute("aria-expanded", String(isOpen));
    desk.classList.toggle("with-drawer", isOpen);
    for (const other of desk.children) if (other !== this.element) other.inert = isOpen && NARROW.matches;
    if (isOpen) this.element.querySelector("button").focus();
    else if (hadFocus) this.button.focus();
  }

  /** Say that the browser had no room for the last of them. */
  tell(isKept) {
    fill(this.said, isKept ? "Se guardan solo en este navegador." : "El navegador no tiene sitio para guardar esta conversación: borra alguna, o descárgala.");
    this.said.classList.toggle("warning", !isKept);
  }

  /** List them; one is open. */
  list(current) {
    const items = conversations().map((conversation) => {
      const title = titleOf(conversation);
      const isCurrent = conversation.id === current.id;
      const day = new Date(conversation.started).toLocaleDateString("es-ES", { day: "numeric", month: "short" });
      return h(
        "li",
        { class: isCurrent ? "current" : "" },
        h(
          "button",
          { type: "button", class: "past-title", "aria-current": isCurrent ? true : null, onclick: () => this.reopen(conversation.id) },
          h("span", {}, title),
          h("small", {}, day),
        ),
        iconButton("trash", `Borrar «${title.slice(0, 60)}»`, () => this.forget(conversation.id)),
      );
    });
    fill(this.past, items);
  }

  reopen(id) {
    this.actions.reopen(id);
    if (NARROW.matches) this.toggle(false);
    else this.past.querySelector("[aria-current]")?.focus();
  }

  /** Forget one; who did it with the keyboard goes on from the next. */
  forget(id) {
    const at = conversations().findIndex((each) => each.id === id);
    this.actions.forget(id);
    if (!this.isOpen) return;
    const left = this.past.querySelectorAll(".past-title");
    (left[Math.min(at, left.length - 1)] ?? this.element.querySelector("button")).focus();
  }
}
