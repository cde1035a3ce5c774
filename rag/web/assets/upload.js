// Upload: files and whole folders, dropped or chosen, sent one after another.

import { announce, fill, h, icon } from "./element.js";

const N_REFUSED_SHOWN = 20;
const N_AT_ONCE = 3;

/** The place where files are dropped. */
export class UploadZone {
  /**
   * @param {Object} with
   * @param {Object} with.server - the functions of the page
   * @param {(file: File) => Promise<{path: string}>} with.upload - sends one file
   * @param {() => void} with.onadded - called once the server has what was sent
   */
  constructor({ server, upload, onadded }) {
    this.server = server;
    this.upload = upload;
    this.onadded = onadded;
    this.isBusy = false;
    const files = this.input("Elegir archivos", { multiple: true });
    const folder = this.input("Elegir una carpeta", { webkitdirectory: true });
    this.hint = h("p", { class: "docs-hint" });
    this.bar = h("progress", { max: 1, value: 0, "aria-label": "Progreso de la subida", hidden: true });
    this.says = h("p", { class: "docs-stage", role: "status" });
    this.refused = h("div", { class: "docs-refused" });
    this.element = h("div", { class: "docs-zone" },
      h("div", { class: "docs-target" },
        h("p", { class: "docs-drop" }, icon("add"), h("span", {}, "Arrastra aquí archivos o carpetas, o elígelos:")),
        h("div", { class: "docs-choices" }, files.button, folder.button, files.input, folder.input),
        this.hint),
      this.says, this.bar, this.refused);
    this.element.addEventListener("dragover", (event) => {
      event.preventDefault();
      this.element.classList.add("over");
    });
    this.element.addEventListener("dragleave", (event) => {
      if (!this.element.contains(event.relatedTarget)) this.element.classList.remove("over");
    });
    this.element.addEventListener("drop", (event) => {
      event.preventDefault();
      this.element.classList.remove("over");
      gather(event.dataTransfer).then((found) => this.take(found));
    });
  }

  limit({ file_bytes: maxBytes, files: maxFiles }) {
    this.maxFiles = maxFiles;
    fill(this.hint, `PDF, Word, Excel, PowerPoint, HTML, correo, texto… Hasta ${Math.floor(maxBytes / 2 ** 20)} MB cada uno. Se quedan en este equipo.`);
  }

  input(text, attributes) {
    const input = h("input", { type: "file", class: "unseen", tabindex: -1, "aria-label": text, ...attributes });
    input.addEventListener("change", () => {
      const found = [...input.files].map((file) => ({ file, name: file.webkitRelativePath || file.name }));
      input.value = "";
      this.take(found);
    });
    const button = h("button", { type: "button", class: "docs-button", onclick: () => input.click() }, text);
    return { input, button };
  }

  /** Send files, and say which were refused and why. */
  async take(found) {
    const visible = found.filter(({ name }) => !name.split("/").some((part) => part.startsWith(".")));
    if (visible.length === 0) return fill(this.says, found.length > 0 && "No hay ningún archivo que subir.");
    if (this.isBusy) return fill(this.says, "Espera a que termine lo que se está subiendo.");
    this.isBusy = true;
    this.element.classList.add("busy");
    const refused = [];
    try {
      await this.send(visible, refused);
    } catch (error) {
      refused.push(["La subida se ha interrumpido", "comprueba que el programa sigue en marcha."]);
    } finally {
      this.isBusy = false;
      this.element.classList.remove("busy");
      this.bar.hidden = true;
      this.showRefused(refused);
    }
  }

  async send(found, refused) {
    const many = found.splice(this.maxFiles);
    refused.push(...many.map(({ name }) => [name, `son más de ${this.maxFiles} archivos a la vez. Súbelo en otra tanda.`]));
    fill(this.says, "Mirando los archivos…");
    const checked = await this.server.check_documents({ files: found.map(({ file, name }) => ({ name, size: file.size })) });
    if (checked.error) return refused.push(["No se ha subido nada", `${checked.error.message}.`]);
    refused.push(...checked.refused);
    const isRefused = new Set(checked.refused.map(([name]) => name));
    const wanted = found.filter(({ name }) => !isRefused.has(name));
    const nBytes = wanted.reduce((total, { file }) => total + file.size, 0);
    this.bar.max = Math.max(1, nBytes);
    this.bar.value = 0;
    this.bar.hidden = wanted.length === 0;
    const arrived = [];
    let nDone = 0;
    const queue = wanted.values();
    const sendNext = async () => {
      for (const { file, name } of queue) {
        try {
          const { path } = await this.upload(file);
          arrived.push({ name, path });
        } catch {
          refused.push([name, "no se ha podido subir. Vuelve a intentarlo."]);
        }
        nDone += 1;
        this.bar.value += file.size;
        fill(this.says, `Subiendo: ${nDone} de ${wanted.length}`);
      }
    };
    await Promise.all(Array.from({ length: N_AT_ONCE }, sendNext));
    if (arrived.length === 0) return fill(this.says);
    const added = await this.server.add_documents({ files: arrived });
    if (added.error) refused.push(["No se ha añadido nada", `${added.error.message}. ${added.error.remedy}.`]);
    else refused.push(...added.refused);
    fill(this.says, told(added));
    this.onadded();
  }

  dismiss() {
    fill(this.refused);
    this.element.querySelector("button").focus();
  }

  showRefused(refused) {
    if (refused.length === 0) return fill(this.refused);
    const title = refused.length === 1 ? "1 archivo no se ha añadido" : `${refused.length} archivos no se han añadido`;
    announce(title);
    const nMore = refused.length - N_REFUSED_SHOWN;
    fill(this.refused,
      h("p", {}, h("strong", {}, title), " ", h("button", { type: "button", class: "docs-link", onclick: () => this.dismiss() }, "Entendido")),
      h("ul", {}, refused.slice(0, N_REFUSED_SHOWN).map(([name, why]) => h("li", {}, h("bdi", {}, name), `: ${why}`))),
      nMore > 0 && h("p", {}, `Y ${nMore} más.`));
  }
}

function told({ new: nNew = 0, known: nKnown = 0 }) {
  const parts = [];
  if (nNew > 0) parts.push(nNew === 1 ? "1 archivo subido" : `${nNew} archivos subidos`);
  if (nKnown > 0) parts.push(nKnown === 1 ? "1 ya estaba" : `${nKnown} ya estaban`);
  return parts.length > 0 ? `${parts.join(", ")}.` : null;
}

/**
 * Find the files of what was dropped, those of its folders with their path.
 * @param {DataTransfer} transfer
 * @returns {Promise<{file: File, name: string}[]>}
 */
export async function gather(transfer) {
  // Asked for before anything is waited for: then the browser forgets them.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (entries.length === 0) return [...transfer.files].map((file) => ({ file, name: file.name }));
  const found = [];
  const folders = [...entries];
  while (folders.length > 0) {
    const entry = folders.pop();
    if (entry.name.startsWith(".")) continue;
    if (entry.isFile) {
      const file = await new Promise((resolve) => entry.file(resolve, () => resolve(null)));
      if (file) found.push({ file, name: entry.fullPath.replace(/^\//, "") });
    } else {
      folders.push(...(await entriesOf(entry)));
    }
  }
  return found;
}

async function entriesOf(folder) {
  const reader = folder.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (some.length === 0) return found; // it gives a hundred at a time
    found.push(...some);
  }
}
