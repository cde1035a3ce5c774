// History: the conversations of this browser, which nobody else keeps.

import { conversationOf } from "./kept.js";
import { onChange, read, remove, write } from "./store.js";

const KEY = "rag.conversations";
const MAX_CONVERSATIONS = 60;

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
    kept = JSON.parse(read(KEY) ?? "[]");
  } catch {
    kept = [];
  }
  return Array.isArray(kept) ? kept.map(conversationOf).filter((each) => each !== null) : [];
}

/**
 * Keep a conversation; where the browser gives no more room, the oldest make some.
 * @returns {boolean} whether it is kept
 */
export function keep(conversation) {
  if (!conversation.exchanges.length) return true;
  const others = conversations().filter((each) => each.id !== conversation.id);
  const kept = [conversation, ...others].slice(0, MAX_CONVERSATIONS);
  while (!stored(kept)) {
    const heavy = kept.findLastIndex((each) => each.exchanges.some((exchange) => exchange.trace));
    if (heavy >= 0) kept[heavy] = { ...kept[heavy], exchanges: kept[heavy].exchanges.map((each) => ({ ...each, trace: null })) };
    else if (kept.length > 1) kept.pop();
    else return false;
  }
  return true;
}

/** Forget a conversation. */
export function forget(id) {
  stored(conversations().filter((each) => each.id !== id));
}

/** Forget them all. */
export function forgetAll() {
  remove(KEY);
}

/** Call back when another tab of this browser has changed them. */
export function onOthersChange(callback) {
  onChange(KEY, callback);
}

/** Return what a conversation is called: its first question. */
export function titleOf(conversation) {
  return conversation.exchanges[0]?.question ?? "Conversación nueva";
}

function stored(kept) {
  return write(KEY, JSON.stringify(kept));
}
