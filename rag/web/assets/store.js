// Store: what this browser keeps. Where it keeps nothing, the page remembers while it is open.

const memory = new Map();
const shelf = found();

/** Return what is kept under a name, or null. */
export function read(name) {
  return shelf === null ? (memory.get(name) ?? null) : shelf.getItem(name);
}

/** Keep a text; return whether there was room. */
export function write(name, text) {
  try {
    if (shelf === null) memory.set(name, text);
    else shelf.setItem(name, text);
    return true;
  } catch {
    return false;
  }
}

/** Keep it no more. */
export function remove(name) {
  memory.delete(name);
  shelf?.removeItem(name);
}

/** Call back when another tab of this browser has kept something else under a name. */
export function onChange(name, callback) {
  window.addEventListener("storage", ({ key }) => {
    if (key === name || key === null) callback();
  });
}

/** A browser that is told to keep nothing throws at the very name. */
function found() {
  try {
    localStorage.getItem("");
    return localStorage;
  } catch {
    return null;
  }
}
