// Documents: what is indexed, what is added to it and what is taken away.

import { announce, fill, h, icon, iconButton } from "./element.js";
import { UploadZone } from "./upload.js";

const A_PAGE = 100; // rows
const BUSY_MS = 700;
const IDLE_MS = 4000;

const COLUMNS = [
  { key: "path", title: "Documento", of: (each) => each.path },
  { key: "format", title: "Formato", of: (each) => each.format },
  { key: "chunks", title: "Fragmentos", of: (each) => each.n_chunks, figures: true },
  { key: "language", title: "Idioma", of: (each) => languageName(each.language) },
  { key: "size", title: "Tamaño", of: (each) => each.n_bytes ?? -1, figures: true },
  { key: "date", title: "Fecha", of: (each) => each.modified ?? "", figures: true },
];

const inOrder = new Intl.Collator("es", { numeric: true });
const languages = new Intl.DisplayNames("es", { type: "language" });
const dates = new Intl.DateTimeFormat("es-ES", { day: "numeric", month: "short", year: "numeric" });
const moments = new Intl.DateTimeFormat("es-ES", { dateStyle: "long", timeStyle: "short" });
const numbers = new Intl.NumberFormat("es-ES");

/** Open the view in its component. */
export async function open(component) {
  await styled();
  new Documents(component);
}

class Documents {
  constructor({ element, props, trigger, server, upload }) {
    this.element = element;
    this.trigger = trigger;
    this.server = server;
    this.mayChange = props.value?.may_change === true;
    this.known = undefined; // the index that is shown
    this.contents = null;
    this.job = null;
    this.nEnded = null; // tasks, when they were last looked at
    this.order = { key: "path", descending: false };
    this.page = 0;
    this.build(upload);
    this.look();
    new IntersectionObserver(([entry]) => entry.isIntersecting && this.look()).observe(this.root);
    document.addEventListener("visibilitychange", () => document.hidden || this.look());
  }

  build(upload) {
    this.summary = h("p", { class: "docs-summary" });
    this.update = this.mayChange && this.button("Poner al día", () => this.ask("update_documents"), "retry");
    this.zone = this.mayChange && new UploadZone({ server: this.server, upload, onadded: () => this.look() });
    this.bar = h("progress", { max: 1, "aria-label": "Progreso de la puesta al día" });
    this.stage = h("p", { class: "docs-stage" });
    this.progress = h("div", { class: "docs-progress", hidden: true }, this.stage, this.bar);
    this.outcome = h("div", { class: "docs-outcome", role: "status" });
    this.filter = h("input", {
      type: "search", class: "docs-filter", placeholder: "Buscar por nombre, formato o idioma",
      "aria-label": "Buscar entre los documentos", oninput: () => { this.page = 0; this.drawRows(); },
    });
    this.onlyNoted = h("input", { type: "checkbox", onchange: () => { this.page = 0; this.drawRows(); } });
    this.notedLabel = h("label", { class: "docs-noted" }, this.onlyNoted, h("span", {}));
    this.count = h("p", { class: "docs-count", role: "status" });
    this.head = h("tr", { role: "row" });
    this.rows = h("tbody", { role: "rowgroup" });
    this.caption = h("caption", { class: "unseen" });
    this.table = h("table", { class: "docs-table", role: "table" }, this.caption, h("thead", { role: "rowgroup" }, this.head), this.rows);
    this.pager = h("nav", { class: "docs-pager", "aria-label": "Páginas de la lista" });
    this.list = h("div", { class: "docs-list" },
      h("div", { class: "docs-tools" }, this.filter, this.notedLabel, this.count), this.table, this.pager);
    this.empty = h("div", { class: "docs-empty" });
    this.leftOut = h("div", {});
    this.skipped = h("div", {});
    this.dialog = h("dialog", { class: "docs-dialog", "aria-labelledby": "docs-dialog-title" });
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
    this.root = h("section", { class: "docs", "aria-labelledby": "docs-title" },
      h("header", { class: "docs-header" },
        h("div", {}, h("h2", { id: "docs-title" }, "Documentos"), this.summary), this.update),
      this.empty, this.zone && this.zone.element, this.progress, this.outcome, this.list, this.leftOut, this.skipped, this.dialog);
    fill(this.element, this.root);
    this.drawHead();
  }

  button(text, onclick, drawing = null, attributes = {}) {
    return h("button", { type: "button", class: "docs-button", onclick, ...attributes }, drawing && icon(drawing), text);
  }

  // --- what the server says ---

  async look() {
    clearTimeout(this.timer);
    if (!this.element.isConnected) return;
    const isSeen = !document.hidden && this.root.offsetParent !== null;
    if (isSeen || this.job?.is_running || this.contents === null) {
      try {
        const found = await this.server.look_documents({ known: this.known });
        this.lost(false);
        this.receive(found);
      } catch {
        this.lost(true);
      }
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), this.job?.is_running ? BUSY_MS : IDLE_MS);
  }

  lost(isLost) {
    this.root.classList.toggle("lost", isLost);
    if (isLost) fill(this.outcome, failure({ message: "La página no responde", remedy: "Comprueba que el programa sigue en marcha" }));
    else if (this.wasLost) fill(this.outcome);
    this.wasLost = isLost;
  }

  receive({ contents, job, error }) {
    if (error) return fill(this.outcome, failure(error));
    const isFirst = this.nEnded === null;
    if (contents) {
      const isOther = !isFirst && contents.current !== this.known;
      this.known = contents.current;
      this.contents = contents;
      this.draw();
      if (isOther) window.dispatchEvent(new CustomEvent("rag:documents-changed"));
    }
    this.job = job;
    this.drawJob();
    if (!isFirst && job.n_ended !== this.nEnded && job.outcome) this.drawOutcome(job.outcome);
    this.nEnded = job.n_ended;
  }

  async ask(name, request = {}) {
    let answer;
    try {
      answer = await this.server[name](request);
    } catch {
      answer = { error: { message: "La página no responde", remedy: "Comprueba que el programa sigue en marcha" } };
    }
    fill(this.outcome, answer.error && failure(answer.error));
    await this.look();
  }

  // --- what is seen ---

  draw() {
    const { documents, skipped, left_out: leftOut = [], problem, current } = this.contents;
    const isEmpty = documents.length === 0;
    this.list.hidden = isEmpty;
    this.root.classList.toggle("is-empty", isEmpty);
    if (this.update) this.update.hidden = current === null;
    fill(this.summary, isEmpty ? null : this.summarize());
    fill(this.empty, problem ? failure(problem) : isEmpty && this.invitation());
    const nNoted = documents.filter(isNoted).length;
    this.notedLabel.hidden = nNoted === 0;
    this.notedLabel.lastChild.textContent = `Solo con avisos (${numbers.format(nNoted)})`;
    this.zone?.limit(this.contents.limits);
    this.drawRows();
    fill(this.leftOut, leftOut.length > 0 && this.folded("Dejados fuera", leftOut, (path) => [
      pathOf(path),
      this.mayChange && this.button("Volver a incluir", () => this.ask("restore_document", { path }), null, { "aria-label": `Volver a incluir ${path}` }),
    ]));
    fill(this.skipped, skipped.length > 0 && this.folded("Sin leer", skipped, ([path, why]) => [
      h("div", {}, pathOf(path), h("p", { class: "docs-note" }, sentence(why))),
      this.mayChange && this.removal({ path, is_uploaded: false, is_unread: true }),
    ]));
  }

  summarize() {
    const { documents, n_chunks: nChunks, roots, model, created, notice } = this.contents;
    const nBytes = documents.reduce((total, each) => total + (each.n_bytes ?? 0), 0);
    return [
      `${counted(documents.length, "documento", "documentos")} · ${counted(nChunks, "fragmento", "fragmentos")} · ${size(nBytes)}`,
      h("span", { class: "docs-where" }, `De ${roots.map((root) => `«${root}»`).join(", ")}. Al día desde el ${moments.format(new Date(created))}. Se busca con ${model.replace(/^bundled:/, "el buscador incluido, ")}.`),
      notice && h("span", { class: "docs-note" }, notice),
    ];
  }

  invitation() {
    const { samples = [] } = this.contents;
    if (!this.mayChange) return h("p", {}, "Todavía no hay ningún documento. Los añade quien ha abierto la página: desde ella no se puede.");
    return [
      h("p", { class: "docs-invitation" }, "Todavía no hay ningún documento: añade los tuyos y pregunta."),
      samples.length > 0 && h("p", {}, this.button("Probar con los documentos de ejemplo", () => this.ask("update_documents"))),
    ];
  }

  drawHead() {
    const cells = COLUMNS.map(({ key, title, figures }) => {
      const isOrder = this.order.key === key;
      const arrow = isOrder ? (this.order.descending ? "↓" : "↑") : "";
      return h("th", { scope: "col", role: "columnheader", class: figures ? "figures" : null, "aria-sort": isOrder ? (this.order.descending ? "descending" : "ascending") : "none" },
        h("button", { type: "button", class: "docs-sort", onclick: () => this.sort(key) }, title, h("span", { "aria-hidden": "true" }, arrow)));
    });
    fill(this.head, cells, this.mayChange && h("th", { scope: "col", role: "columnheader" }, h("span", { class: "unseen" }, "Quitar")));
  }

  sort(key) {
    this.order = { key, descending: this.order.key === key && !this.order.descending };
    this.page = 0;
    const at = COLUMNS.findIndex((column) => column.key === key);
    this.drawHead();
    this.head.querySelectorAll("button")[at].focus();
    this.drawRows();
  }

  wanted() {
    const words = plain(this.filter.value).split(/\s+/).filter(Boolean);
    const { of } = COLUMNS.find((column) => column.key === this.order.key);
    const sign = this.order.descending ? -1 : 1;
    return this.contents.documents
      .filter((each) => !this.onlyNoted.checked || isNoted(each))
      .filter((each) => {
        const text = words.length > 0 && plain(`${each.path} ${each.format} ${languageName(each.language)}`);
        return words.every((word) => text.includes(word));
      })
      .map((each) => [of(each), each])
      .sort(([a], [b]) => sign * (typeof a === "number" ? a - b : inOrder.compare(a, b)))
      .map(([, each]) => each);
  }

  drawRows() {
    const wanted = this.wanted();
    const nPages = Math.max(1, Math.ceil(wanted.length / A_PAGE));
    this.page = Math.min(this.page, nPages - 1);
    const first = this.page * A_PAGE;
    const shown = wanted.slice(first, first + A_PAGE);
    const nAll = this.contents.documents.length;
    this.caption.textContent = `Documentos indexados, del ${first + 1} al ${first + shown.length} de ${wanted.length}`;
    fill(this.count, wanted.length === nAll ? null : `${numbers.format(wanted.length)} de ${numbers.format(nAll)}`);
    const held = this.held();
    fill(this.rows, shown.map((each) => this.row(each)));
    if (wanted.length === 0) {
      const nSpanned = COLUMNS.length + (this.mayChange ? 1 : 0);
      fill(this.rows, h("tr", { role: "row" }, h("td", { role: "cell", colspan: nSpanned, class: "docs-none" }, "Ningún documento es así.")));
    }
    held();
    fill(this.pager, nPages > 1 && [
      this.button("Anteriores", () => this.turn(-1), null, { disabled: this.page === 0 }),
      h("span", {}, `${numbers.format(first + 1)}–${numbers.format(first + shown.length)} de ${numbers.format(wanted.length)}`),
      this.button("Siguientes", () => this.turn(1), null, { disabled: this.page === nPages - 1 }),
    ]);
  }

  /** Return what gives the focus back to the row that has it, or to the one in its place. */
  held() {
    const control = this.rows.contains(document.activeElement) ? document.activeElement : null;
    if (control === null) return () => null;
    const at = [...this.rows.children].indexOf(control.closest("tr"));
    const kind = control.classList[0];
    return () => {
      const row = this.rows.children[Math.min(at, this.rows.children.length - 1)];
      (row.querySelector(`.${kind}`) ?? this.filter).focus({ preventScroll: true });
    };
  }

  turn(step) {
    this.page += step;
    this.drawRows();
    this.list.scrollIntoView({ block: "start" });
    this.rows.querySelector("button").focus({ preventScroll: true });
  }

  row(each) {
    const cell = (label, text, figures) => h("td", { role: "cell", class: figures ? "figures" : null, "data-label": label }, text);
    return h("tr", { role: "row" },
      h("th", { scope: "row", role: "rowheader" },
        h("button", { type: "button", class: "docs-open", title: "Abrir", onclick: () => this.openDocument(each.path) }, pathOf(each.path)),
        each.copy_of && h("p", { class: "docs-note" }, "Igual que ", pathOf(each.copy_of)),
        each.notes.map((note) => h("p", { class: "docs-note" }, sentence(note)))),
      cell("Formato", each.format),
      cell("Fragmentos", numbers.format(each.n_chunks), true),
      cell("Idioma", languageName(each.language) || "–"),
      cell("Tamaño", each.n_bytes === null ? "–" : size(each.n_bytes), true),
      cell("Fecha", each.modified ? dates.format(new Date(each.modified)) : "–", true),
      this.mayChange && h("td", { role: "cell", class: "docs-action" }, this.removal(each)));
  }

  removal(each) {
    return iconButton("trash", `Quitar ${each.path}`, () => this.confirm(each));
  }

  openDocument(path) {
    window.dispatchEvent(new CustomEvent("rag:open-document", { detail: { path } }));
    this.trigger("select", { path });
  }

  confirm({ path, is_uploaded: isUploaded, is_unread: isUnread }) {
    const says = isUploaded
      ? "Se borra la copia que se subió a esta página. El original, donde lo tengas, no se toca."
      : isUnread
        ? "Ya no aparecerá en esta lista. Si es un archivo tuyo, no se borra."
        : "El archivo es tuyo y no se borra: solo deja de usarse para responder. Podrás volver a incluirlo.";
    const remove = () => {
      this.dialog.close();
      this.ask("remove_document", { path });
    };
    fill(this.dialog,
      h("h3", { id: "docs-dialog-title" }, "¿Quitar este documento?"), h("p", { class: "docs-named" }, pathOf(path)), h("p", {}, says),
      h("div", { class: "docs-choices" },
        this.button("Cancelar", () => this.dialog.close(), null, { autofocus: true }),
        this.button("Quitar", remove, null, { class: "docs-button strong" })));
    this.dialog.showModal();
  }

  folded(title, items, parts) {
    const rest = h("ul", { class: "docs-others" }, items.slice(0, A_PAGE).map((item) => h("li", {}, parts(item))));
    const nMore = items.length - A_PAGE;
    return h("details", { class: "docs-folded" },
      h("summary", {}, `${title} (${numbers.format(items.length)})`), rest, nMore > 0 && h("p", { class: "docs-note" }, `Y ${numbers.format(nMore)} más.`));
  }

  drawJob() {
    const { is_running: isRunning, what, stage, done, total, waiting, seconds } = this.job;
    this.progress.hidden = !isRunning;
    if (this.update) this.update.disabled = isRunning;
    if (!isRunning) return;
    if (total > 0) {
      this.bar.max = total;
      this.bar.value = done;
    } else {
      this.bar.removeAttribute("value");
    }
    const far = total > 0 ? `: ${numbers.format(done)} de ${numbers.format(total)}` : "…";
    const more = waiting > 0 ? ` · ${counted(waiting, "cambio espera", "cambios esperan")}` : "";
    fill(this.stage, h("strong", {}, what), ` ${stage}${far} · ${Math.round(seconds)} s${more}`);
    if (this.announced !== `${what}${stage}`) announce(`${what}: ${stage}`);
    this.announced = `${what}${stage}`;
  }

  drawOutcome({ says, error }) {
    this.announced = null;
    fill(this.outcome, error ? failure(error) : h("p", { class: "docs-done" }, icon("done"), says));
  }
}

// --- words ---

function languageName(code) {
  return code ? languages.of(code) : "";
}

function isNoted(each) {
  return each.copy_of !== "" || each.notes.length > 0;
}

function counted(n, one, several) {
  return `${numbers.format(n)} ${n === 1 ? one : several}`;
}

function sentence(text) {
  return text.charAt(0).toLocaleUpperCase("es") + text.slice(1);
}

/** Write bytes as a person reads them: «1,4 MB». */
export function size(nBytes) {
  const units = ["B", "kB", "MB", "GB"];
  let value = nBytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toLocaleString("es-ES", { maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0 })} ${units[unit]}`;
}

/** Take the accents and the capitals away, for comparing. */
function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase("es");
}

/** A path, its folders quieter than its name, and cut where there is no room. */
function pathOf(path) {
  const at = path.lastIndexOf("/") + 1;
  return h("span", { class: "docs-path" }, h("span", { class: "docs-folder" }, path.slice(0, at).replaceAll("/", "/\u200b")), h("bdi", { class: "docs-name" }, path.slice(at)));
}

function failure({ message, remedy }) {
  return h("p", { class: "docs-failure", role: "alert" }, h("strong", {}, `${message}.`), ` ${remedy}.`);
}

/** Load the style sheet once, before anything is shown. */
function styled() {
  const href = new URL("documents.css", import.meta.url).href;
  if (document.querySelector(`link[href="${href}"]`)) return Promise.resolve();
  const link = h("link", { rel: "stylesheet", href });
  const loaded = new Promise((resolve) => {
    link.onload = resolve;
    link.onerror = resolve;
  });
  document.head.append(link);
  return loaded;
}
