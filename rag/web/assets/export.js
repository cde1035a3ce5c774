// Export: a conversation as Markdown, each answer with its sources.

import { titleOf } from "./history.js";

const STATUSES = { verified: "verificada", moved: "movida", stale: "obsoleta", missing: "el archivo ya no está" };

/** Return a conversation as Markdown. */
export function markdown(conversation) {
  const started = new Date(conversation.started).toLocaleString("es-ES", { dateStyle: "long", timeStyle: "short" });
  const parts = [`# ${plain(titleOf(conversation))}`, `*Conversación del ${started}*`];
  for (const exchange of conversation.exchanges) parts.push(...exchangeParts(exchange));
  return `${parts.join("\n\n")}\n`;
}

/** Let the person keep a conversation as a file. */
export function download(conversation) {
  const url = URL.createObjectURL(new Blob([markdown(conversation)], { type: "text/markdown;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${fileName(titleOf(conversation))}.md`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function exchangeParts(exchange) {
  const parts = [`## ${plain(exchange.question)}`];
  if (exchange.understood) parts.push(`*He entendido: ${plain(exchange.understood)}*`);
  if (exchange.text) parts.push(plain(exchange.text));
  if (exchange.state === "stopped") parts.push("*Respuesta detenida.*");
  if (exchange.error) parts.push(`*${plain(`${exchange.error.message}. ${exchange.error.remedy}`)}*`);
  const shown = exchange.sources.filter((source) => source.cited);
  const nearest = shown.length ? shown : exchange.state === "abstained" ? exchange.sources : [];
  if (nearest.length) parts.push(shown.length ? "**Fuentes**" : "**Lo más cercano**", nearest.map(sourceItem).join("\n"));
  if (exchange.notices.length) parts.push(exchange.notices.map((notice) => `- ${plain(notice)}`).join("\n"));
  return parts;
}

function sourceItem(source) {
  const quote = source.quote.split(/\s+/).join(" ").trim();
  return `- [${source.marker}] ${code(source.place)} (${STATUSES[source.status]}): «${plain(quote)}»`;
}

/** A text as Markdown that shows it as it is. */
function plain(text) {
  return text.replace(/([\\`*_<>#~|!])/g, "\\$1").replace(/\]\(/g, "]\\(").replace(/^(\s*)([-+]|\d+[.)])(\s)/gm, "$1\\$2$3");
}

function code(text) {
  return text.includes("`") ? plain(text) : `\`${text}\``;
}

function fileName(title) {
  const words = title.normalize("NFC").toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? ["conversación"];
  return words.join("-").slice(0, 60).replace(/-+$/, "");
}
