// Store: what this browser keeps. Where it keeps nothing, the first page has put a memory in its place.

/** Return what is kept under a name, or null. */
export function read(name) {
  return localStorage.getItem(name);
}

/** Keep a text; return whether there was room. */
export function write(name, text) {
  try {
    localStorage.setItem(name, text);
    return true;
  } catch {
    return false;
  }
}

/** Keep it no more. */
export function remove(name) {
  localStorage.removeItem(name);
}

/** Call back when another tab of this browser has kept something else under a name. */
export function onChange(name, callback) {
  window.addEventListener("storage", ({ key }) => {
    if (key === name || key === null) callback();
  });
}
