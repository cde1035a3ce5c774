// Kept: conversations as a browser gives them back, where anything may have been written.

const STATES = new Set(["answered", "abstained", "conversed", "failed", "stopped"]);
const STATUSES = new Set(["verified", "moved", "stale", "missing"]);
const FATES = new Set(["evidence", "neighbour", "duplicate", "cut"]);
const ID = /^[\w-]{1,64}$/;

/**
 * Return a conversation with all that the page takes for granted, or null where it is none.
 * What was being written when the page was left is written no more.
 */
export function conversationOf(kept) {
  if (!isId(kept?.id)) return null;
  const exchanges = list(kept.exchanges, exchangeOf);
  if (!exchanges.length) return null;
  const started = Number.isNaN(Date.parse(kept.started)) ? new Date(0).toISOString() : kept.started;
  return { id: kept.id, started, exchanges };
}

function exchangeOf(kept) {
  if (!isId(kept?.id) || !text(kept.question)) return null;
  return {
    id: kept.id,
    question: kept.question,
    state: STATES.has(kept.state) ? kept.state : "stopped",
    understood: text(kept.understood) || null,
    text: text(kept.text),
    sources: list(kept.sources, sourceOf),
    claims: [],
    notices: texts(kept.notices),
    doubts: texts(kept.doubts),
    writer: text(kept.writer),
    seconds: kept.seconds ? secondsOf(kept.seconds) : null,
    trace: kept.trace ? traceOf(kept.trace) : null,
    turn: text(kept.turn?.question) ? { question: kept.turn.question, answer: text(kept.turn.answer) } : null,
    error: text(kept.error?.message)
      ? { message: kept.error.message, remedy: text(kept.error.remedy), kind: text(kept.error.kind) }
      : null,
    rating: kept.rating === "good" || kept.rating === "bad" ? kept.rating : null,
  };
}

function sourceOf(kept) {
  if (!Number.isInteger(kept?.marker) || !text(kept.path)) return null;
  return {
    marker: kept.marker,
    cited: kept.cited === true,
    path: kept.path,
    place: text(kept.place) || kept.path,
    copy: text(kept.copy) || kept.path,
    line_start: number(kept.line_start, 1),
    line_end: number(kept.line_end, 1),
    page: number(kept.page, null),
    section: text(kept.section),
    status: STATUSES.has(kept.status) ? kept.status : "missing",
    also: texts(kept.also),
    warnings: texts(kept.warnings),
    quote: text(kept.quote),
    lines: list(kept.lines, lineOf),
  };
}

function lineOf(kept) {
  if (typeof kept?.text !== "string") return null;
  let end = 0;
  const marks = list(kept.marks, (mark) => {
    const [from, to] = Array.isArray(mark) ? mark : [];
    if (!Number.isInteger(from) || !Number.isInteger(to) || from < end || to < from) return null;
    end = to;
    return [from, to];
  });
  return { number: number(kept.number, null), label: text(kept.label), text: kept.text, marks, cut: [kept.cut?.[0] === true, kept.cut?.[1] === true] };
}

function traceOf(kept) {
  return {
    confidence: share(kept.confidence),
    min_confidence: share(kept.min_confidence),
    is_enough: kept.is_enough === true,
    doubts: texts(kept.doubts),
    sentences: list(kept.sentences, sentenceOf),
    passages: list(kept.passages, passageOf),
    seconds: secondsOf(kept.seconds),
  };
}

function sentenceOf(kept) {
  if (!text(kept?.text)) return null;
  const signals = Object.fromEntries(Object.entries(kept.signals ?? {}).map(([name, value]) => [name, number(value, 0)]));
  return {
    rank: number(kept.rank, 0),
    text: kept.text,
    place: text(kept.place),
    score: number(kept.score, 0),
    signals,
    fate: FATES.has(kept.fate) ? kept.fate : "cut",
    marker: number(kept.marker, null),
  };
}

function passageOf(kept) {
  if (!text(kept?.place)) return null;
  return {
    place: kept.place,
    section: text(kept.section),
    score: number(kept.score, 0),
    dense_score: number(kept.dense_score, 0),
    lexical_score: number(kept.lexical_score, 0),
    dense_rank: number(kept.dense_rank, null),
    lexical_rank: number(kept.lexical_rank, null),
  };
}

function secondsOf(kept) {
  return { retrieve: number(kept?.retrieve, 0), generate: number(kept?.generate, 0), total: number(kept?.total, 0) };
}

function isId(value) {
  return typeof value === "string" && ID.test(value);
}

function text(value) {
  return typeof value === "string" ? value : "";
}

function texts(value) {
  return list(value, (each) => text(each) || null);
}

function number(value, otherwise) {
  return Number.isFinite(value) ? value : otherwise;
}

function share(value) {
  return Math.min(1, Math.max(0, number(value, 0)));
}

/** What can be read of a list, without what cannot. */
function list(value, of) {
  return Array.isArray(value) ? value.map(of).filter((each) => each !== null) : [];
}
