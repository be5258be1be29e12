// The agenda beside the slide: what is to be spoken of, the point at hand with its minutes, and the way to the next one.

import type { Agenda } from "./agenda";
import { AgendaForm } from "./agenda_form";
import type { RoomConfig } from "./config";
import { disable, find, hide, make, say } from "./dom";
import { used } from "./handed_on";
import type { Act, Item } from "./messages";
import type { Participants } from "./participants";
import type { Words } from "./words";

const TICK_MS = 10_000;

export class AgendaPanel {
  private readonly section = find("#agenda", HTMLElement);
  private readonly slide = find("#slide", HTMLElement);
  private readonly form: AgendaForm;
  private shown = "";
  /** What was asked for last, until the room has it: by its operation. */
  private asked: { readonly operation: string; readonly items: readonly Item[] } | undefined;

  constructor(
    private readonly config: RoomConfig,
    private readonly words: Words,
    private readonly participants: Participants,
    private readonly agenda: Agenda,
    private readonly act: (act: Act, operation?: string) => void,
    /** What was still to come where this person led a board on from. */
    private carried: readonly Item[],
    /** The server's clock, ms since 1970. */
    private readonly now: () => number,
  ) {
    this.form = new AgendaForm(config.slides, words, (items) => this.save(items));
  }

  listen(): void {
    for (const id of ["#agenda-make", "#agenda-edit"]) {
      find(id, HTMLElement).addEventListener("click", () => this.form.open(this.agenda.items));
    }
    find("#agenda-next", HTMLElement).addEventListener("click", () => this.next());
    find("#agenda-carry", HTMLElement).addEventListener("click", () => this.carry());
    window.setInterval(() => this.show(), TICK_MS);
  }

  /** Goes on to the next point. */
  next(): void {
    if (this.agenda.items.length === 0) return this.carry();
    const { next } = this.agenda;
    if (next === undefined && this.participants.presents) say(this.words("rooms-agenda-end"));
    else if (next === undefined || !this.mayGo(next)) say(this.words("error-room-not-presenter"));
    else this.goTo(next);
  }

  /** The form again, with what was to be saved; false: the operation was another. */
  refused(operation: string, why: string): boolean {
    if (this.asked?.operation !== operation) return false;
    this.form.open(this.asked.items, why);
    return true;
  }

  show(): void {
    const { agenda, participants } = this;
    const { presents } = participants;
    const { edits } = this;
    const { length } = agenda.items;
    hide(this.section, length === 0, this.slide);
    hide(find("#agenda-make", HTMLElement), !edits || length > 0, this.slide);
    hide(find("#agenda-edit", HTMLElement), !edits, this.slide);
    const next = find("#agenda-next", HTMLButtonElement);
    hide(next, !presents && (agenda.next === undefined || !this.mayGo(agenda.next)), this.slide);
    disable(next, agenda.next === undefined, this.slide);
    const carry = find("#agenda-carry", HTMLElement);
    hide(carry, !edits || length > 0 || this.carried.length === 0, this.slide);
    find("#agenda-carried", HTMLElement).textContent = this.words("rooms-agenda-carry", { count: this.carried.length });
    const place = this.words("rooms-agenda-place", { place: agenda.place, count: length });
    find("#agenda-place", HTMLElement).textContent = agenda.place === 0 ? String(length) : place;
    // Rows are made anew only when they change: one of them may have the focus.
    const state = JSON.stringify([agenda.items, agenda.now?.id, presents]);
    if (state !== this.shown) {
      this.shown = state;
      const list = find("#agenda-items", HTMLElement);
      const at = [...list.children].findIndex((row) => row.contains(document.activeElement));
      list.replaceChildren(...agenda.items.map((item) => this.row(item)));
      if (at >= 0) goOn(list, at, this.slide);
      const current = list.querySelector<HTMLElement>("[aria-current]");
      if (current !== null) list.scrollTop = current.offsetTop - list.offsetTop - list.clientHeight / 2 + current.offsetHeight / 2;
    }
    this.showMinutes();
  }

  private get edits(): boolean {
    return this.config.room.may_present && (this.participants.presents || this.opened);
  }

  private get opened(): boolean {
    return this.config.room.opened_by === this.participants.me;
  }

  private save(items: readonly Item[]): void {
    this.asked = { operation: crypto.randomUUID(), items };
    this.act({ kind: "agenda", items }, this.asked.operation);
  }

  /** The board's agenda goes on here. */
  private carry(): void {
    if (!this.edits || this.carried.length === 0) return;
    this.save(this.carried);
    this.carried = [];
    used();
    this.show();
  }

  /** Whoever presents, anywhere; whoever opened the room, to another room. Back to a room again, should somebody have stayed. */
  private mayGo(item: Item): boolean {
    const elsewhere = this.elsewhere(item) !== "";
    return this.participants.presents ? elsewhere || item.id !== this.agenda.now?.id : elsewhere && this.opened;
  }

  /** The other room where it is spoken of; "": it is here. */
  private elsewhere({ room = "" }: Item): string {
    return room === this.config.room.id ? "" : room;
  }

  private goTo(item: Item): void {
    const { epoch, presents } = this.participants;
    if (presents) this.act({ kind: "item", epoch, item: item.id });
    else if (this.elsewhere(item) !== "") this.act({ kind: "onward", epoch, room: this.elsewhere(item) });
  }

  private row(item: Item): HTMLElement {
    const at = item.id === this.agenda.now?.id;
    const slide = this.config.slides.find((one) => one.id === item.slide);
    const more = this.elsewhere(item) !== "" ? `→ ${this.words("rooms-agenda-elsewhere")}` : slide && (slide.label || this.words("viewer-slide-unnamed"));
    const label = make("span", { class: "agenda-label", text: item.label });
    const line = make("span", { class: "agenda-more", text: more ?? "" });
    const minutes = make("span", { class: "agenda-minutes", text: this.planned(item) });
    const row = make("li");
    if (this.mayGo(item)) {
      const go = make("button", { class: "agenda-go", title: this.words("rooms-agenda-go", { label: item.label }) }, label, line, minutes);
      go.type = "button";
      go.addEventListener("click", () => this.goTo(item));
      row.append(go);
    } else row.append(make("div", { class: "agenda-go" }, label, line, minutes));
    if (at) row.setAttribute("aria-current", "step");
    return row;
  }

  private planned(item: Item): string {
    return item.minutes === 0 ? "" : this.words("rooms-agenda-planned", { minutes: item.minutes });
  }

  /** Of the point at hand: how long it takes already. */
  private showMinutes(): void {
    const item = this.agenda.now;
    const line = document.querySelector<HTMLElement>("#agenda-items [aria-current] .agenda-minutes");
    const spent = this.agenda.minutes(this.now());
    if (line === null || item === undefined || spent === undefined) return;
    const planned = item.minutes > 0;
    line.textContent = this.words(planned ? "rooms-agenda-running" : "rooms-agenda-planned", planned ? { spent, minutes: item.minutes } : { minutes: spent });
    line.dataset["over"] = String(planned && spent >= item.minutes);
  }
}

/** The focus was on the row `at` that is made anew: it is on that one again, on the next that leads anywhere, or on the slide. */
function goOn(list: HTMLElement, at: number, slide: HTMLElement): void {
  const buttons = [...list.children].slice(at).map((row) => row.querySelector("button"));
  (buttons.find((button) => button !== null) ?? list.querySelector("button") ?? slide).focus();
}
