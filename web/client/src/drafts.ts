// Saves a form as its text is typed: <form data-draft="/consults/…/draft" data-version="3">.
//
// POST of JSON {version, <name>: <text>, …} → 200 {version}; 409 {version, <name>: <text>, …} when another version came
// first. Text that the server has not acknowledged is kept in this tab's sessionStorage, and nowhere longer: computers
// are shared. Signing out empties it.

import { covered, onRevived, request } from "./activity";
import { make } from "./dom";
import { acknowledged, begin, failed, keepMine, maySend, patience, sent, typed, unsaved, type Draft, type Fields } from "./draft_state";
import { person } from "./kept_text";
import { timeOfDay, type Words } from "./words";

/** How soon what is typed is sent: its answer comes within two seconds. */
const SOON_MS = 1000;
const PREFIX = "draft:";

type Field = HTMLTextAreaElement | HTMLInputElement | HTMLSelectElement;

interface Kept {
  /** Whose text it is: the next person at this screen does not find it. */
  readonly person: string;
  readonly version: number;
  readonly text: Fields;
  /** It was sent with the form itself, and nobody has said yet whether it arrived. */
  readonly submitted: boolean;
}

const inWords = (text: Fields): string => Object.values(text).filter(Boolean).join("\n\n");

class DraftForm {
  private draft: Draft;
  private timer = 0;
  private due = Infinity;
  private halted = false;
  /** The button that was pressed while a save was on its way; null: the form was submitted without one. */
  private submitter: HTMLElement | null | undefined;
  /** The person's text beside the saved one, while they choose between the two: they may still type. */
  private shown: HTMLElement | undefined;
  private readonly status: HTMLElement;
  private readonly address: string;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly words: Words,
  ) {
    this.address = form.dataset["draft"]!;
    this.draft = begin(Number(form.dataset["version"] ?? "0"), this.read());
    this.status = form.querySelector<HTMLElement>("[data-draft-status]") ?? form.appendChild(make("p", { class: "meta" }));
    this.status.setAttribute("role", "status");
    this.restore();
    form.addEventListener("input", () => this.changed());
    // The form's own submit (to sign) carries the text itself, and the version that it stands on.
    form.addEventListener("submit", (event) => {
      if (this.draft.sending !== undefined) {
        // A save is on its way: only its answer tells the version.
        event.preventDefault();
        this.submitter = event.submitter;
        return;
      }
      this.halted = true;
      // The text is on its way; should the session have ended, it is still here when the person comes back.
      if (unsaved(this.draft)) this.keep(true);
      else this.forget();
      window.clearTimeout(this.timer);
      this.due = Infinity;
      const version = form.elements.namedItem("version");
      if (version instanceof HTMLInputElement) version.value = String(this.draft.version);
    });
  }

  get dirty(): boolean {
    return !this.halted && unsaved(this.draft);
  }

  private fields(): Field[] {
    return [...this.form.elements].filter(
      (element): element is Field =>
        (element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement ||
          (element instanceof HTMLInputElement && element.type !== "hidden" && element.type !== "submit")) &&
        element.name !== "",
    );
  }

  private read(): Fields {
    return Object.fromEntries(this.fields().map((field) => [field.name, field.value]));
  }

  private write(text: Fields): void {
    for (const field of this.fields()) field.value = text[field.name] ?? field.value;
  }

  private restore(): void {
    const kept = sessionStorage.getItem(PREFIX + this.address);
    if (kept === null) return;
    const { version, text } = JSON.parse(kept) as Kept;
    if (version !== this.draft.version) return this.forget(); // saved elsewhere since
    this.write(text);
    this.draft = typed(this.draft, this.read());
    if (!unsaved(this.draft)) return;
    this.keep();
    const folded = this.form.closest("details");
    if (folded !== null) folded.open = true;
    this.say("live-draft-restored");
  }

  private changed(): void {
    this.draft = typed(this.draft, this.read());
    this.shown?.replaceChildren(inWords(this.draft.text));
    if (!unsaved(this.draft)) return;
    this.keep();
    if (this.halted) return;
    this.say("live-draft-waiting");
    this.later(SOON_MS);
  }

  /** Saves at that time, unless it is to be saved before: who types on without a pause is not waited for. */
  private later(milliseconds: number): void {
    const due = performance.now() + milliseconds;
    if (due >= this.due) return;
    window.clearTimeout(this.timer);
    this.due = due;
    this.timer = window.setTimeout(() => {
      this.due = Infinity;
      void this.save();
    }, milliseconds);
  }

  private async save(): Promise<void> {
    if (this.halted || !maySend(this.draft)) return;
    this.draft = sent(this.draft);
    this.say("live-draft-saving");
    let answer: Response;
    try {
      answer = await request(this.address, {
        method: "POST",
        credentials: "same-origin",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify({ version: this.draft.version, ...this.draft.sending }),
        keepalive: document.hidden,
      });
    } catch {
      return this.retry();
    }
    if (answer.ok) {
      const { version } = (await answer.json()) as { version: number };
      this.draft = acknowledged(this.draft, version);
      this.stamp();
      if (this.submitter !== undefined) return this.form.requestSubmit(this.submitter);
      if (unsaved(this.draft)) return this.later(0);
      this.forget();
      return this.say("live-draft-saved", { time: timeOfDay(new Date()) });
    }
    this.draft = failed(this.draft);
    this.submitter = undefined;
    if (answer.status === 409) return this.conflict((await answer.json()) as Record<string, string | number>);
    if (answer.status >= 500 || answer.status === 429) return this.retry();
    if (answer.status === 401) {
      // Kept in this tab, and saved when the session lives again (onRevived).
      return this.say("live-draft-signed-out");
    }
    if (answer.status === 403 || answer.status === 404) {
      this.halted = true;
      return this.say("live-draft-ended");
    }
    const { message = "" } = (await answer.json().catch(() => ({}))) as { message?: string };
    return this.say("live-draft-refused", { reason: message });
  }

  private retry(): void {
    if (this.draft.sending !== undefined) this.draft = failed(this.draft);
    this.submitter = undefined;
    this.say("live-draft-failed");
    this.later(patience(this.draft));
  }

  /** Both texts side by side; the person decides, nothing is overwritten. */
  private conflict(theirs: Readonly<Record<string, string | number>>): void {
    this.halted = true;
    this.say("live-draft-conflict");
    const version = Number(theirs["version"]);
    const text = Object.fromEntries(this.fields().map((field) => [field.name, String(theirs[field.name] ?? "")]));
    const box = make("div", { class: "notice warn" });
    box.setAttribute("role", "alert");
    box.append(make("p", { class: "notice-title", text: this.words("live-draft-conflict") }));
    this.shown = make("pre", { text: inWords(this.draft.text) });
    box.append(
      make("h3", { text: this.words("live-draft-theirs") }), make("pre", { text: inWords(text) }),
      make("h3", { text: this.words("live-draft-mine") }), this.shown,
    );
    const choose = (name: string, kept: () => void): HTMLButtonElement => {
      const button = make("button", { class: "plain", text: this.words(name) });
      button.type = "button";
      button.addEventListener("click", () => {
        kept();
        this.stamp();
        this.halted = false;
        this.shown = undefined;
        box.remove();
        this.changed();
        if (!unsaved(this.draft)) this.forget();
      });
      return button;
    };
    box.append(
      make("div", { class: "actions" },
        choose("live-draft-keep-mine", () => {
          this.draft = keepMine(this.draft, version, text);
        }),
        choose("live-draft-take-theirs", () => {
          this.write(text);
          this.draft = begin(version, this.read());
          this.say("live-draft-saved", { time: timeOfDay(new Date()) });
        }),
      ),
    );
    this.form.before(box);
  }

  /** The session lives again: what waited for it is saved. */
  revive(): void {
    if (this.dirty) this.later(0);
  }

  private keep(submitted = false): void {
    const kept: Kept = { person: person(), version: this.draft.version, text: this.draft.text, submitted };
    sessionStorage.setItem(PREFIX + this.address, JSON.stringify(kept));
    this.form.dataset["draftKept"] = "true";
  }

  /** The form without script carries the version in a field: it must be the one that its text stands on. */
  private stamp(): void {
    const field = this.form.querySelector<HTMLInputElement>('input[type="hidden"][name="version"]');
    if (field !== null) field.value = String(this.draft.version);
  }

  private forget(): void {
    sessionStorage.removeItem(PREFIX + this.address);
    delete this.form.dataset["draftKept"];
  }

  private say(id: string, values: Record<string, string> = {}): void {
    this.status.textContent = this.words(id, values);
    this.status.dataset["draftState"] = id.replace("live-draft-", "");
  }
}

/** Drops what another person left in this tab, and what was sent with a form that is no longer on its page: it arrived. */
function tidy(): void {
  for (const key of Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX))) {
    const kept = JSON.parse(sessionStorage.getItem(key)!) as Kept;
    const address = key.slice(PREFIX.length);
    const arrived = kept.submitted && location.pathname === address.replace(/\/draft$/, "") &&
      document.querySelector(`form[data-draft="${CSS.escape(address)}"]`) === null;
    if (kept.person !== person() || arrived) sessionStorage.removeItem(key);
  }
}

export function keepDrafts(words: Words): void {
  tidy();
  const forms = [...document.querySelectorAll<HTMLFormElement>("form[data-draft]")].map((form) => new DraftForm(form, words));
  window.addEventListener("beforeunload", (event) => {
    // Once the page is covered the text is kept for the return.
    if (!covered() && forms.some((form) => form.dirty)) event.preventDefault();
  });
  onRevived(() => forms.forEach((form) => form.revive()));
  for (const logout of document.querySelectorAll<HTMLFormElement>('form[action="/logout"]')) {
    logout.addEventListener("submit", () => {
      for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
    });
  }
}
