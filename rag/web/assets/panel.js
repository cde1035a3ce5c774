// Panel: the sources of one exchange, beside the conversation or under its answer.

import { fill, h } from "./element.js";
import { sourceId, sourcesOf, sourcesTitle } from "./sources.js";

/** The sources of the exchange that is looked at. */
export class Panel {
  /** @param {(request: Object) => void} openDocument - opens a whole document at a place */
  constructor(openDocument) {
    this.openDocument = openDocument;
    this.title = h("h2", {}, "Fuentes");
    this.cards = h("div", { class: "cards" });
    this.element = h("div", { class: "panel" }, this.title, this.cards);
    this.side = h("aside", { class: "side", tabindex: 0, "aria-label": "Fuentes de la respuesta" }, this.element);
  }

  /**
   * Show the sources of an exchange.
   * @returns {boolean} whether there is anything to show
   */
  show(exchange) {
    const hasNone = exchange === null || (exchange.state === "failed" && !exchange.sources.length);
    this.element.hidden = hasNone;
    if (exchange === null) {
      fill(this.cards);
    } else {
      fill(this.title, sourcesTitle(exchange));
      fill(this.cards, sourcesOf(exchange, (source) => this.openSource(source)));
      this.side.scrollTop = 0;
    }
    return !hasNone;
  }

  /** Stand under an answer, or at the side where that is null. */
  standUnder(place) {
    const home = place ?? this.side;
    if (this.element.parentElement !== home) home.append(this.element);
  }

  focus() {
    this.element.scrollIntoView({ block: "nearest" });
    this.cards.querySelector(".source")?.focus();
  }

  /** Point at the source that an answer cites. */
  point(exchange, marker) {
    const card = document.getElementById(sourceId(exchange, marker));
    if (card === null) return;
    const folded = card.closest("details");
    if (folded) folded.open = true;
    card.scrollIntoView({ block: "nearest" });
    card.focus({ preventScroll: true });
    for (const other of this.cards.querySelectorAll(".pointed")) other.classList.remove("pointed");
    card.classList.add("pointed");
  }

  openSource({ path, line_start, line_end, page, quote }) {
    this.openDocument({ path, line: line_start, line_start, line_end, page, quote });
  }
}
