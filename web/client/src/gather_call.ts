// "Come and look where I look": the call as those read it who look elsewhere, who may come or stay; and for whoever called, who came.

import { find } from "./dom";
import { Gathering, GATHERING_MS } from "./gathering";
import type { Participants } from "./participants";
import type { Words } from "./words";

/** After everybody has come it still says so for a moment. */
const ALL_MS = 4000;

export class GatherCall {
  private readonly box = find("#call", HTMLElement);
  private readonly text = find("#call-text", HTMLElement);
  private readonly buttons = find("#call-buttons", HTMLElement);
  private gathering: Gathering | undefined;
  private timer = 0;

  constructor(
    private readonly words: Words,
    private readonly participants: Participants,
    /** The person comes. */
    private readonly come: () => void,
  ) {}

  listen(): void {
    find("#call-join", HTMLElement).addEventListener("click", () => this.answer());
    find("#call-stay", HTMLElement).addEventListener("click", () => this.close());
    document.addEventListener("keydown", (event) => {
      const own = event.target instanceof Element && event.target.closest("button, a, input, select, textarea, dialog") !== null;
      if (event.key !== "Enter" || own || event.defaultPrevented || !this.asks) return;
      event.preventDefault();
      this.answer();
    });
  }

  /** Whether this person is asked, and has not answered. */
  get asks(): boolean {
    return !this.box.hidden && this.gathering === undefined;
  }

  answer(): void {
    this.close();
    this.come();
  }

  /** Whoever presents gathers everybody. */
  gathered(name: string): void {
    const { presents, role } = this.participants;
    if (presents) {
      this.open(false);
      this.gathering = new Gathering(this.participants);
      this.changed();
    } else if (role === "left" || role === "watching") {
      this.gathering = undefined;
      this.open(true);
      this.text.textContent = this.words("rooms-gathered-call", { name });
    }
  }

  /** Who follows whom is another, or who presents. */
  changed(): void {
    if (this.box.hidden) return;
    const { participants, gathering, words } = this;
    if (gathering === undefined) {
      if (participants.role === "following" || participants.presents) this.close();
      return;
    }
    if (!participants.presents) return this.close();
    const { came, away } = gathering.state(participants);
    const count = came.length + away.length;
    this.box.dataset["came"] = `${came.length}/${count}`;
    if (away.length === 0) {
      this.text.textContent = words(count === 0 ? "rooms-gather-nobody" : "rooms-gathered-all");
      this.closeIn(ALL_MS);
    } else {
      const names = away.map((member) => member.name).join(", ");
      this.text.textContent = `${words("rooms-gathered-came", { came: came.length, count })} · ${words("rooms-gathered-away", { names })}`;
    }
  }

  close(): void {
    this.box.hidden = true;
    this.gathering = undefined;
    window.clearTimeout(this.timer);
  }

  private open(asks: boolean): void {
    this.box.hidden = false;
    delete this.box.dataset["came"];
    this.buttons.hidden = !asks;
    this.closeIn(GATHERING_MS);
  }

  private closeIn(milliseconds: number): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.close(), milliseconds);
  }
}
