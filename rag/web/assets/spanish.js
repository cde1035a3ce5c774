// Spanish: the few names that Gradio's own controls have in English only, said in the page's language.

const NAMES = [
  [/^number input for (.*)$/s, "$1, en cifras"],
  [/^range slider for (.*)$/s, "$1"],
  [/^Reset to default value$/, "Volver al valor de antes"],
  [/^More tabs$/, "Más pestañas"],
];
const ATTRIBUTES = ["aria-label", "title"];
const OURS = ".desk, .docs, .viewer"; // they speak Spanish, and change all the time

/** Translate what is there, and what comes. */
export function speakSpanish() {
  translate(document.body);
  const options = { childList: true, subtree: true, attributes: true, attributeFilter: ATTRIBUTES };
  new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes) {
      if (target.closest?.(OURS)) continue;
      if (type === "attributes") rename(target);
      else for (const node of addedNodes) if (node.nodeType === Node.ELEMENT_NODE) translate(node);
    }
  }).observe(document.body, options);
}

function translate(root) {
  rename(root);
  for (const element of root.querySelectorAll("[aria-label], [title]")) rename(element);
}

function rename(element) {
  for (const attribute of ATTRIBUTES) {
    const name = element.getAttribute(attribute) ?? "";
    const [english, spanish] = NAMES.find(([each]) => each.test(name)) ?? [];
    if (english) element.setAttribute(attribute, name.replace(english, spanish));
  }
}
