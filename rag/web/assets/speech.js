// Speech: what whoever listens to the page hears of an answer: each thing once, in order, and no more.

import { announce } from "./element.js";
import { isRunning, told } from "./exchange.js";
import { spoken } from "./prose.js";

const SENTENCE = /[^\n]*?(?:(?<!^\s*\d+)[.!?…»:](?=\s)|$)/gm;
const MAX_CHARS = 400; // of a sentence: it can be read whole where it is written

/** The reading out of one answer. */
export class Speech {
  constructor() {
    this.step = "";
    this.heard = new Set();
  }

  /** Take its next state. */
  take(exchange) {
    const step = told(exchange);
    if (step !== this.step && step && !exchange.text) announce(step);
    this.step = step;
    const sentences = sentencesOf(exchange.text);
    const known = isRunning(exchange) ? sentences.slice(0, -1) : sentences; // the last may go on
    const fresh = known.filter((each) => !this.heard.has(each));
    for (const each of fresh) this.heard.add(each);
    if (fresh.length) announce(fresh.map(clipped).join(" "));
    if (!isRunning(exchange)) announce(ending(exchange));
  }
}

/** Say how an answer ended. */
function ending({ state, sources, notices, doubts, error }) {
  const remarks = [...doubts, ...notices].join(" ");
  switch (state) {
    case "answered": {
      const n = sources.filter((source) => source.cited).length;
      return `Respuesta completa, con ${n === 1 ? "una fuente" : `${n} fuentes`}. ${remarks}`;
    }
    case "abstained":
      return sources.length ? `Al lado está lo más cercano. ${remarks}` : remarks;
    case "stopped":
      return "Respuesta detenida";
    case "failed":
      return error ? `${error.message}. ${error.remedy}` : "";
    default:
      return remarks;
  }
}

function sentencesOf(text) {
  return (spoken(text).match(SENTENCE) ?? []).map((each) => each.replace(/\s+/g, " ").trim()).filter(Boolean);
}

function clipped(text) {
  return text.length > MAX_CHARS ? `${text.slice(0, MAX_CHARS)}…` : text;
}
