// What the page says of its connection to the room: how it is, that it is cut, that it has ended.

import { find } from "./dom";
import { CLOSED } from "./messages";
import { SESSION_ENDED, type ConnectionState } from "./session";
import type { Words } from "./words";

const CUT_MS = 1500;
/** What has ended for good does not come back with the page. */
const FOR_GOOD: readonly number[] = [CLOSED, SESSION_ENDED, 4403, 4404];

export class Connection {
  /** Whether the link has been cut for a while. */
  cut = false;
  private cutTimer = 0;
  private state: ConnectionState = "connecting";

  constructor(
    private readonly words: Words,
    private readonly on: {
      /** `cut` is another. */
      cut(): void;
      /** For good, and not because the page is left. `code`: the socket's. */
      ended(code: number): void;
    },
  ) {}

  /** Whether it carries what one presents. */
  get carries(): boolean {
    return this.state !== "events";
  }

  stateIs(state: ConnectionState, code: number): void {
    this.state = state;
    this.show(state);
    this.cutIs(state === "reconnecting");
    if (state === "ended" && code !== 1000) this.on.ended(code);
  }

  /** Whether the node that we are connected to hears the others. */
  linked(linked: boolean): void {
    this.show(linked ? this.state : "apart");
  }

  /** A moment without a link, as when a node is replaced, is not worth a word. */
  private cutIs(cut: boolean): void {
    if (cut && this.cutTimer === 0) {
      this.cutTimer = window.setTimeout(() => {
        this.cut = true;
        this.on.cut();
      }, CUT_MS);
    } else if (!cut) {
      window.clearTimeout(this.cutTimer);
      this.cutTimer = 0;
      if (!this.cut) return;
      this.cut = false;
      this.on.cut();
    }
  }

  private show(state: ConnectionState | "apart"): void {
    const pill = find("#link-state", HTMLElement);
    if (pill.dataset["state"] === state) return;
    pill.dataset["state"] = state;
    pill.textContent = this.words(`rooms-state-${state}`);
    pill.title = state === "apart" || state === "events" ? this.words(`rooms-state-${state}-title`) : "";
  }
}

/** Covers the room: why it ended, the way on, and what was written and not sent. */
export function tellEnd(words: Words, code: number, why: string, unsent: string): void {
  find("#room-ended-why", HTMLElement).textContent = why;
  find("#room-ended-reload", HTMLElement).hidden = FOR_GOOD.includes(code);
  find("#room-ended-login", HTMLElement).hidden = code !== SESSION_ENDED;
  const line = find("#room-ended-unsent", HTMLElement);
  line.hidden = unsent === "";
  line.textContent = words("rooms-ended-unsent", { text: unsent });
  for (const dialog of document.querySelectorAll<HTMLDialogElement>("dialog[open]")) dialog.close();
  const end = find("#room-ended", HTMLElement);
  end.hidden = false;
  // What it covers is out of reach of the keys, too; the way on has the focus, and is read out.
  for (const part of find("#bench", HTMLElement).children) if (part instanceof HTMLElement) part.inert = part !== end;
  find("a", HTMLAnchorElement, end).focus();
}
