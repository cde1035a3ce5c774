// History: the conversations of this browser, which nobody else keeps.

const KEY = "rag.conversations";
const MAX_CONVERSATIONS = 60;
const UNFINISHED = new Set(["searching", "waiting", "writing", "thinking"]);

/** Begin a conversation. */
export function newConversation() {
  return { id: newId(), started: new Date().toISOString(), exchanges: [] };
}

/** Return an identifier that nobody has used. */
export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Return the conversations, the latest first. */
export function conversations() {
  let kept;
  try {
    kept = JSON.parse(localStorage.getItem(KEY) ?? "[]");
  } catch {
    kept = [];
  }
  return Array.isArray(kept) ? kept.filter((each) => Array.isArray(each?.exchanges)).map(settled) : [];
}

/** Keep a conversation; where the browser gives no more room, the oldest make some. */
export function keep(conversation) {
  if (!conversation.exchanges.length) return;
  const others = conversations().filter((each) => each.id !== conversation.id);
  const kept = [conversation, ...others].slice(0, MAX_CONVERSATIONS);
  while (kept.length && !stored(kept)) {
    const heavy = kept.findLast((each) => each.exchanges.some((exchange) => exchange.trace));
    if (heavy) for (const exchange of heavy.exchanges) exchange.trace = null;
    else kept.pop();
  }
}

/** Forget a conversation. */
export function forget(id) {
  stored(conversations().filter((each) => each.id !== id));
}

/** Forget them all. */
export function forgetAll() {
  localStorage.removeItem(KEY);
}

/** Return what a conversation is called: its first question. */
export function titleOf(conversation) {
  return conversation.exchanges[0]?.question ?? "Conversación nueva";
}

function stored(kept) {
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
    return true;
  } catch {
    return false;
  }
}

/** What was being written when the page was left is written no more. */
function settled(conversation) {
  for (const exchange of conversation.exchanges) {
    if (UNFINISHED.has(exchange.state)) exchange.state = "stopped";
  }
  return conversation;
}
