// "The meeting goes on to the next case": the call, which nobody has to answer; the way on that stays open; and leaving for it.

import type { CallBox } from "./call_box";
import { make, say } from "./dom";
import { handOn } from "./handed_on";
import { keepTexts } from "./kept_text";
import type { Fact, Item } from "./messages";
import { Onward, type Way } from "./onward";
import type { Participants } from "./participants";
import type { Words } from "./words";

/** How often one looks whether everything of one's own has gone. */
const LOOK_MS = 50;

type OnwardFact = Extract<Fact, { kind: "onward" }>;

export class OnwardCall {
  private readonly onward = new Onward();
  /** Operations of one's own by which the page goes on. */
  private readonly own = new Set<string>();
  private offer: { readonly seq: number; readonly button: HTMLElement } | undefined;
  private leaving = false;

  constructor(
    private readonly words: Words,
    private readonly participants: Participants,
    private readonly box: CallBox,
    private readonly page: {
      /** Puts a pen away. */
      finish(): void;
      /** Operations that were not answered yet. */
      waiting(): number;
    },
  ) {}

  get way(): Way | undefined {
    return this.onward.way;
  }

  /** Whether the way on is what there is to see here: whoever presented has gone it. */
  get leads(): boolean {
    return this.way !== undefined && this.participants.presenting === undefined;
  }

  /** The page goes on by itself when this operation of one's own is done. */
  mine(operation: string): void {
    this.own.add(operation);
  }

  heard(fact: Fact): void {
    this.onward.heard(fact);
    this.settle();
  }

  /** The room's facts are others than those that were heard. */
  reset(): void {
    this.onward.reset();
    this.settle();
  }

  private settle(): void {
    if (this.offer !== undefined && this.way?.seq !== this.offer.seq) {
      this.offer.button.remove();
      this.offer = undefined;
    }
    if (this.way === undefined && this.box.shows(this)) this.box.close();
  }

  /** For the line of the thread that tells of it. */
  button(fact: OnwardFact): HTMLElement {
    const button = make("button", { class: "act small", text: this.words("rooms-onward-go") });
    button.type = "button";
    button.addEventListener("click", () => this.leave(fact.body.room));
    this.offer?.button.remove();
    this.offer = { seq: fact.seq, button };
    return button;
  }

  /** It was said just now, or while this page's link was cut. `rest`: what is still to come of the agenda. */
  called(fact: OnwardFact, rest: readonly Item[]): void {
    if (this.own.delete(fact.op)) {
      handOn(fact.body.room, rest);
      this.leave(fact.body.room);
    } else if (fact.actor !== this.participants.me) {
      this.box.ask(this, this.words("rooms-onward-call", { name: fact.name }), this.words("rooms-onward-kept"), () => this.leave(fact.body.room), 0);
    }
  }

  /** The way on, as offered. */
  go(): void {
    if (this.way !== undefined) this.leave(this.way.room);
  }

  /** Once everything of one's own has gone: what is typed is kept in this tab, for when one comes back. */
  private leave(room: string): void {
    if (this.leaving) return;
    this.leaving = true;
    this.page.finish();
    say(this.words("rooms-onward-leaving"), true);
    const look = (): void => {
      if (this.page.waiting() > 0) return void window.setTimeout(look, LOOK_MS);
      keepTexts(true);
      location.assign(`/rooms/${room}`);
    };
    look();
  }
}
