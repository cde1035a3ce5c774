// Prose: an answer as paragraphs, lists and tables, its [n] as links. Of Markdown, what a model writes in.

import { h } from "./element.js";

const INLINE = /(\[\d+(?:\s*[,;]\s*\d+)*\]|\*\*[^*\n]+\*\*|`[^`\n]+`|(?<![\w*])\*[^\s*](?:[^*\n]*[^\s*])?\*(?![\w*]))/;
const ITEM = /^(\s*)(?:([-*•+])|(\d{1,4})[.)])\s+(.*)$/;
const FENCE = /^\s*(```|~~~)/;
const RULE = /^\s*([-*_])(?:\s*\1){2,}\s*$/;
const TITLE = /^\s{0,3}#{1,6}\s+(.*?)\s*#*$/;
const QUOTED = /^\s*>\s?/;
const ROW = /^\s*\|.*\|/;
const UNDER_HEAD = /^\s*\|?[\s:|-]*-[\s:|-]*\|[\s:|-]*$/;
const CITED = /^«[^»]*»\s*(?:\[\d+\]\s*)+$/;

/**
 * Show an answer.
 * @param {string} text
 * @param {(marker: number) => Node} link - makes the link of a marker
 * @returns {Node[]}
 */
export function prose(text, link) {
  const blocks = blocksOf(text.trim().split("\n"), link);
  const [first, ...rest] = blocks;
  const isShort = first?.tagName === "P" && !first.textContent.endsWith(":") && rest.length > 0 && rest.every((each) => each.className === "cited");
  if (isShort) first.className = "short"; // what was asked, and the sentences that say it
  return blocks;
}

/** Return an answer as it is read out: without what only the eye wants. */
export function spoken(text) {
  return text
    .replace(/^\s*(?:```.*|~~~.*|\|?[\s:|-]*-[\s:|-]*\|[\s:|-]*|([-*_])(?:\s*\1){2,}\s*)$/gm, "")
    .replace(/\s*\[\d+(?:\s*[,;]\s*\d+)*\]/g, "")
    .replace(/^\s*(?:#{1,6}|>|[-*•+])\s+/gm, "")
    .replace(/\*+([^*\n]+)\*+/g, "$1")
    .replace(/[`|]/g, " ");
}

function blocksOf(lines, link) {
  const blocks = [];
  let at = 0;
  const many = (isOne) => {
    const from = at;
    while (at < lines.length && isOne(lines[at])) at += 1;
    return lines.slice(from, at);
  };
  while (at < lines.length) {
    const line = lines[at];
    const title = TITLE.exec(line);
    if (!line.trim() || RULE.test(line)) {
      at += 1;
    } else if (FENCE.test(line)) {
      at += 1;
      blocks.push(h("pre", {}, h("code", {}, many((each) => !FENCE.test(each)).join("\n"))));
      at += 1;
    } else if (title) {
      at += 1;
      blocks.push(h("h3", {}, inline(title[1], link)));
    } else if (QUOTED.test(line)) {
      blocks.push(h("blockquote", {}, blocksOf(many((each) => QUOTED.test(each)).map((each) => each.replace(QUOTED, "")), link)));
    } else if (ROW.test(line)) {
      blocks.push(table(gathered(ROW), link));
    } else if (ITEM.test(line)) {
      blocks.push(...lists(gathered(ITEM), link));
    } else {
      blocks.push(paragraph(many((each) => each.trim() && !isOther(each)).join("\n"), link));
    }
  }
  return blocks;

  /** Those of a kind that follow; a sentence that was taken out leaves a blank line between them. */
  function gathered(kind) {
    const found = [];
    for (;;) {
      found.push(...many((each) => kind.test(each)));
      let next = at;
      while (next < lines.length && !lines[next].trim()) next += 1;
      if (next >= lines.length || !kind.test(lines[next])) return found;
      at = next;
    }
  }
}

function isOther(line) {
  return [FENCE, RULE, TITLE, QUOTED, ROW, ITEM].some((each) => each.test(line));
}

function paragraph(text, link) {
  return CITED.test(text) ? h("blockquote", { class: "cited" }, inline(text, link)) : h("p", {}, inline(text, link));
}

/** Lists, each within the item above it that stands further out. */
function lists(lines, link) {
  const outer = [];
  const open = []; // from the outermost: how far in, and the list
  for (const line of lines) {
    const [, space, bullet, digits, text] = ITEM.exec(line);
    const depth = space.replace(/\t/g, "    ").length;
    const tag = bullet ? "UL" : "OL";
    while (open.length && (open.at(-1).depth > depth || (open.at(-1).depth === depth && open.at(-1).list.tagName !== tag))) open.pop();
    if (!open.length || open.at(-1).depth < depth) {
      const list = h(tag);
      const home = open.at(-1)?.list.lastElementChild;
      if (home) home.append(list);
      else outer.push(list);
      open.push({ depth, list });
    }
    open.at(-1).list.append(h("li", { value: digits }, inline(text, link)));
  }
  return outer;
}

function table(lines, link) {
  const hasHead = lines.length > 1 && UNDER_HEAD.test(lines[1]);
  const rows = lines.filter((line) => !UNDER_HEAD.test(line)).map((line) => cellsOf(line).map((cell) => inline(cell, link)));
  const row = (cells, tag, attributes = {}) => h("tr", {}, cells.map((cell) => h(tag, attributes, cell)));
  return h(
    "table",
    {},
    hasHead && h("thead", {}, row(rows.shift(), "th", { scope: "col" })),
    h("tbody", {}, rows.map((cells) => row(cells, "td"))),
  );
}

/** The cells of a row; what stands behind the last bar, as a marker does, belongs to the last. */
function cellsOf(line) {
  const [, inside, behind] = /^\s*\|(.*)\|([^|]*)$/.exec(line);
  const cells = inside.split("|").map((cell) => cell.trim());
  cells.push(`${cells.pop()} ${behind.trim()}`.trim());
  return cells;
}

function inline(text, link) {
  return text.split(INLINE).map((piece) => {
    if (/^\[\d/.test(piece)) return piece.match(/\d+/g).map((digits) => link(Number(digits)));
    if (/^\*\*./.test(piece)) return h("strong", {}, piece.slice(2, -2));
    if (/^`.+`$/.test(piece)) return h("code", {}, piece.slice(1, -1));
    if (/^\*[^*]+\*$/.test(piece)) return h("em", {}, piece.slice(1, -1));
    return piece.split("\n").flatMap((line, at) => (at ? [h("br"), line] : [line]));
  });
}
