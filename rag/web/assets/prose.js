// Prose: an answer as paragraphs and lists, its [n] as links. Of Markdown, what a model writes in.

import { h } from "./element.js";

const INLINE = /(\[\d+(?:\s*[,;]\s*\d+)*\]|\*\*[^*\n]+\*\*|`[^`\n]+`)/;
const BULLET = /^\s*[-*•]\s+/;
const NUMBER = /^\s*\d+[.)]\s+/;
const QUOTE = /^«[^»]*»\s*(?:\[\d+\]\s*)+$/;

/**
 * Show an answer.
 * @param {string} text
 * @param {(marker: number) => Node} link - makes the link of a marker
 * @returns {Node[]}
 */
export function prose(text, link) {
  const blocks = [];
  for (const part of text.trim().split(/\n{2,}/)) {
    const lines = part.split("\n").filter((line) => line.trim());
    let list = null;
    let paragraph = [];
    const close = () => {
      if (paragraph.length) blocks.push(block(paragraph.join("\n"), link));
      paragraph = [];
    };
    for (const line of lines) {
      const mark = BULLET.test(line) ? BULLET : NUMBER.test(line) ? NUMBER : null;
      if (mark === null) {
        list = null;
        paragraph.push(line);
        continue;
      }
      close();
      const tag = mark === BULLET ? "UL" : "OL";
      if (list?.tagName !== tag) {
        list = h(tag, tag === "OL" ? { start: parseInt(line, 10) } : {});
        blocks.push(list);
      }
      list.append(h("li", {}, inline(line.replace(mark, ""), link)));
    }
    close();
  }
  return blocks;
}

function block(text, link) {
  if (QUOTE.test(text)) return h("blockquote", {}, inline(text, link));
  const title = /^#{1,6}\s+(.*)$/.exec(text);
  return h("p", {}, title ? h("strong", {}, inline(title[1], link)) : inline(text, link));
}

function inline(text, link) {
  return text.split(INLINE).map((piece) => {
    if (/^\[\d/.test(piece)) return piece.match(/\d+/g).map((digits) => link(Number(digits)));
    if (/^\*\*./.test(piece)) return h("strong", {}, piece.slice(2, -2));
    if (/^`./.test(piece)) return h("code", {}, piece.slice(1, -1));
    return piece.split("\n").flatMap((line, at) => (at ? [h("br"), line] : [line]));
  });
}
