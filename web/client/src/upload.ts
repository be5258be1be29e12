// Entry point of a case's page, for who may add slides to it. Loaded when the part is opened, or something is under way.

import { request } from "./activity";
import { find, make } from "./dom";
import { chosenOf, droppedOf, type ChosenFile } from "./upload_choice";
import { Refusal, Sending, type Told } from "./upload_sending";
import { nameOf, partsNamed, plan, sameness, type Planned, type Problem } from "./upload_plan";
import { language, number, wordsFrom } from "./words";
import en from "../../locale/en/uploads.ftl";
import fr from "../../locale/fr/uploads.ftl";

const words = wordsFrom({ fr: [fr], en: [en] });
const part = find("#uploads", HTMLElement);
const list = find("#upload-list", HTMLUListElement, part);
const status = find("#upload-status", HTMLElement, part);
const problems = find("#upload-problems", HTMLElement, part);
const hint = find("#upload-hint", HTMLElement, part);
const caseId = part.dataset["case"] ?? "";

const lines = new Map<string, Line>();
let queue: Promise<void> = Promise.resolve();

const bytes = (value: number): string => {
  const units = language() === "fr" ? ["o", "ko", "Mo", "Go", "To"] : ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, value < 1 ? 0 : Math.floor(Math.log10(value) / 3));
  return `${number(value / 10 ** (3 * power), power > 1 ? 1 : 0)} ${units[power] ?? ""}`;
};

function leftFor(seconds: number): string {
  if (seconds < 60) return words("uploads-left-seconds");
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return words("uploads-left-minutes", { minutes });
  return words("uploads-left-hours", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

/** One upload on the page. */
class Line {
  readonly element = make("li", { class: "upload" });
  private readonly head = make("div", { class: "upload-head" });
  private readonly bar = make("progress");
  private readonly told = make("p", { class: "upload-told" });
  private readonly buttons = make("div", { class: "upload-buttons" });
  private state = "";

  constructor(
    private upload: Told,
    private sending?: Sending,
  ) {
    this.element.dataset["upload"] = upload.id;
    this.bar.max = 1;
    this.bar.setAttribute("aria-label", upload.name);
    this.element.append(this.head, this.bar, this.told, this.buttons);
    this.show();
  }

  get unchosen(): boolean {
    return this.upload.status === "receiving" && this.sending === undefined;
  }

  get sameness(): string {
    return sameness(this.upload.files.map((file) => ({ path: file.path, size: file.bytes })));
  }

  get underWay(): boolean {
    return this.sending !== undefined && this.upload.status === "receiving";
  }

  get waits(): boolean {
    return this.upload.status === "waiting" || this.upload.status === "checking";
  }

  /** Send these files, after those that are being sent. */
  send(planned: Planned<ChosenFile>): void {
    this.sending = new Sending(this.upload, planned.files, () => this.show());
    this.show();
    queue = queue.then(() => this.run());
  }

  private async run(): Promise<void> {
    const { sending } = this;
    if (sending === undefined) return;
    try {
      if (!(await sending.run())) return;
      this.take(await sending.commit());
      say(words("uploads-may-close"));
      void this.follow();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.take({ ...this.upload, status: "refused", message, twice: error instanceof Refusal && error.twice });
      void request(`/uploads/${this.upload.id}/discard`, { method: "POST" });
      this.sayRefused();
    }
    tellTab();
  }

  /** Until it is decided what becomes of it. */
  async follow(): Promise<void> {
    while (this.waits) {
      await new Promise((resolve) => window.setTimeout(resolve, document.hidden ? 5000 : 1000));
      const answer = await request(`/uploads/${this.upload.id}`).catch(() => undefined);
      if (answer?.status === 404) return;
      if (answer?.ok !== true) continue;
      this.take((await answer.json()) as Told);
    }
    const { name } = this.upload;
    if (this.upload.status === "registered") {
      say(words("uploads-done-registered", { name }));
      document.body.dispatchEvent(new CustomEvent("slides"));
    } else if (this.upload.status === "held") say(words("uploads-done-held", { name }));
    else this.sayRefused();
  }

  private sayRefused(): void {
    say(words(this.upload.twice ? "uploads-done-twice" : "uploads-done-refused", { name: this.upload.name }));
  }

  private take(told: Told): void {
    this.upload = told;
    this.show();
  }

  private async discard(): Promise<void> {
    await this.sending?.stop();
    const answer = await request(`/uploads/${this.upload.id}/discard`, { method: "POST" }).catch(() => undefined);
    if (answer?.ok === true || answer?.status === 404) {
      const next = this.element.nextElementSibling?.querySelector("button") ?? part.querySelector("summary, button");
      lines.delete(this.upload.id);
      this.element.remove();
      if (next instanceof HTMLElement) next.focus();
      tellTab();
    }
  }

  show(): void {
    const { upload, sending } = this;
    const receiving = upload.status === "receiving";
    const state = upload.twice ? "twice" : !receiving ? upload.status : sending === undefined ? "unchosen" : sending.state;
    const received = sending?.sent ?? upload.received;
    if (state !== this.state) {
      this.state = state;
      this.element.dataset["state"] = state;
      const tone = { registered: "good", held: "warn", refused: "bad", twice: "neutral", cut: "warn", unchosen: "warn", queued: "neutral", paused: "neutral" }[state] ?? "accent";
      this.head.replaceChildren(
        make("span", { class: `chip ${tone}`, text: words(`uploads-state-${state}`) }),
        make("bdi", { class: "upload-label", text: upload.twice ? "" : upload.label }),
        make("bdi", { class: "upload-name", text: upload.name }),
      );
      this.bar.hidden = !receiving;
      this.draw(state);
    }
    const percent = upload.bytes > 0 ? Math.floor((100 * received) / upload.bytes) : 0;
    this.bar.value = upload.bytes > 0 ? received / upload.bytes : 0;
    this.told.replaceChildren(...this.telling(state, percent, received));
  }

  private telling(state: string, percent: number, received: number): Node[] {
    const { upload, sending } = this;
    const size = bytes(upload.bytes);
    const files = upload.files.length > 1 ? ` · ${words("uploads-files", { count: upload.files.length })}` : "";
    if (upload.message !== "") return [make("span", { text: upload.message })];
    if (state === "waiting" || state === "checking") return [make("span", { text: words("uploads-wait-checking") })];
    if (upload.status !== "receiving") return [make("span", { class: "meta", text: size + files })];
    let text = words("uploads-progress", { percent, size }) + files;
    const left = state === "receiving" ? sending?.pace.left(upload.bytes - received) : undefined;
    if (left !== undefined) text += ` · ${words("uploads-pace", { rate: bytes(sending?.pace.perSecond ?? 0), left: leftFor(left) })}`;
    const told: Node[] = [make("span", { class: "meta", text })];
    if (state === "cut") told.push(make("span", { text: words(sending?.signedOut === true ? "uploads-signed-out" : "uploads-cut") }));
    if (state === "unchosen") {
      const until = new Intl.DateTimeFormat(language(), { dateStyle: "long" }).format(new Date(upload.expires_at));
      told.push(make("span", { text: words("uploads-unchosen", { until }) }));
    }
    return told;
  }

  private draw(state: string): void {
    const { name, slide } = this.upload;
    const button = (text: string, label: string, act: () => void): HTMLButtonElement => {
      const made = make("button", { class: "quiet small", text: words(text), label: words(label, { name }) });
      made.type = "button";
      made.addEventListener("click", act);
      return made;
    };
    const held = this.buttons.contains(document.activeElement);
    const made: HTMLElement[] = [];
    if (state === "receiving") made.push(button("uploads-pause", "uploads-pause-of", () => void this.sending?.pause()));
    if (state === "paused" || state === "cut") made.push(button("uploads-resume", "uploads-resume-of", () => this.sending?.resume()));
    if (["queued", "receiving", "paused", "cut", "unchosen"].includes(state)) made.push(button("uploads-discard", "uploads-discard-of", () => void this.discard()));
    if (slide !== "") made.push(link(slide, words("uploads-open"), words("uploads-open-of", { name })));
    if (state === "held") made.push(link("/slides/held", words("uploads-held-see")));
    if (["registered", "held", "refused", "twice"].includes(state)) made.push(button("uploads-dismiss", "uploads-dismiss-of", () => void this.discard()));
    this.buttons.replaceChildren(...made);
    if (held) made[0]?.focus();
  }
}

function link(address: string, text: string, label?: string): HTMLAnchorElement {
  const made = make("a", { class: "button plain small", text, ...(label === undefined ? {} : { label }) });
  made.href = address;
  return made;
}

/** Read out politely, and shown until something else is said. */
function say(text: string): void {
  status.textContent = text;
}

function tellTab(): void {
  const going = [...lines.values()].some((line) => line.underWay);
  hint.textContent = going ? words("uploads-keep-open") : "";
  hint.hidden = !going;
}

window.addEventListener("beforeunload", (event) => {
  if ([...lines.values()].some((line) => line.underWay)) event.preventDefault();
});

function worded(problem: Problem): string {
  switch (problem.kind) {
    case "missing-folder":
      return words("uploads-missing-folder", { name: problem.name, folder: problem.folder });
    case "missing-index":
      return words("uploads-missing-index", { name: problem.name });
    case "foreign":
      return words("uploads-foreign", { name: problem.name, format: problem.format });
    case "empty-file":
      return words("uploads-empty-file", { name: problem.name });
  }
}

/** The parts that a MIRAX slide's index names, and that were not chosen. */
async function missing(planned: Planned<ChosenFile>): Promise<string[]> {
  if (!planned.name.toLowerCase().endsWith(".mrxs")) return [];
  const index = planned.files.find((file) => nameOf(file.path).toLowerCase() === "slidedat.ini");
  if (index === undefined || index.size > 4 << 20) return [];
  const there = new Set(planned.files.map((file) => nameOf(file.path).toLowerCase()));
  return partsNamed(await index.file.text()).filter((name) => !there.has(name.toLowerCase()));
}

async function choose(files: readonly ChosenFile[]): Promise<void> {
  const { slides, problems: found, skipped } = plan(files);
  const told = found.map(worded);
  for (const planned of slides) {
    const absent = await missing(planned);
    if (absent.length > 0) {
      const names = absent.slice(0, 3).join(", ");
      told.push(words("uploads-missing-parts", { name: planned.name, count: absent.length, names }));
    } else {
      const refused = await begin(planned);
      if (refused !== "") told.push(`${planned.name}${language() === "fr" ? "\u00a0" : ""}: ${refused}`);
    }
  }
  problems.dataset["tone"] = told.length > 0 ? "bad" : "warn";
  if (skipped.length > 0) told.push(words("uploads-skipped", { count: skipped.length, names: skipped.slice(0, 3).join(", ") }));
  if (files.length > 0 && slides.length === 0 && told.length === 0) told.push(words("uploads-nothing"));
  problems.replaceChildren(...told.map((text) => make("p", { text })));
  problems.hidden = told.length === 0;
  tellTab();
}

/** Why not; empty: it is on its way. */
async function begin(planned: Planned<ChosenFile>): Promise<string> {
  const before = [...lines.values()].find((line) => line.unchosen && line.sameness === sameness(planned.files));
  if (before !== undefined) {
    before.send(planned);
    return "";
  }
  const field = (name: string): string => part.querySelector<HTMLInputElement | HTMLSelectElement>(`#upload-${name}`)?.value ?? "";
  const body = {
    files: planned.files.map(({ path, size }) => ({ path, size })),
    label: field("label"),
    stain: field("stain"),
    block: field("block"),
    specimen: field("specimen"),
  };
  const answer = await request(`/cases/${caseId}/uploads`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(body),
  }).catch(() => undefined);
  if (answer === undefined) return words("uploads-cut");
  if (!answer.ok) return ((await answer.json().catch(() => ({}))) as { message?: string }).message ?? words("uploads-signed-out");
  add(new Line((await answer.json()) as Told)).send(planned);
  return "";
}

function add(line: Line, last = false): Line {
  lines.set(line.element.dataset["upload"] ?? "", line);
  if (last) list.append(line.element);
  else list.prepend(line.element);
  return line;
}

async function start(): Promise<void> {
  const answer = await request(`/cases/${caseId}/uploads`, { headers: { Accept: "application/json" } }).catch(() => undefined);
  if (answer?.ok === true) {
    const { uploads } = (await answer.json()) as { uploads: Told[] };
    list.replaceChildren();
    for (const told of uploads) {
      const line = add(new Line(told), true);
      if (line.waits) void line.follow();
    }
  }
  part.dataset["ready"] = "";
}

for (const id of ["upload-files", "upload-folder"]) {
  const input = find(`#${id}`, HTMLInputElement, part);
  input.addEventListener("change", () => {
    const files = chosenOf(input.files ?? []);
    input.value = "";
    void choose(files);
  });
  find(`[data-for="${id}"]`, HTMLButtonElement, part).addEventListener("click", () => input.click());
}
const zone = find("#upload-zone", HTMLElement, part);
zone.addEventListener("dragover", (event) => {
  event.preventDefault();
  zone.dataset["over"] = "";
});
zone.addEventListener("dragleave", () => delete zone.dataset["over"]);
zone.addEventListener("drop", (event) => {
  event.preventDefault();
  delete zone.dataset["over"];
  if (event.dataTransfer) void droppedOf(event.dataTransfer).then(choose);
});
void start();
