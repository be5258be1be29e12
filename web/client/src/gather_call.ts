// "Come and look where I look": the call as those read it who look elsewhere; and for whoever called, who came.

import type { CallBox } from "./call_box";
import { Gathering, GATHERING_MS } from "./gathering";
import type { Participants } from "./participants";
import type { Words } from "./words";

/** After everybody has come it still says so for a moment. */
const ALL_MS = 4000;

export class GatherCall {
  private gathering: Gathering | undefined;
  /** When the call ends, by `performance.now()`. */
  private until = 0;

  constructor(
    private readonly words: Words,
    private readonly participants: Participants,
    private readonly box: CallBox,
    /** The person comes. */
    private readonly come: () => void,
  ) {}

  /** Whoever presents gathers everybody. */
  gathered(name: string): void {
    const { presents, role } = this.participants;
    if (presents) {
      this.gathering = new Gathering(this.participants);
      this.until = performance.now() + GATHERING_MS;
      this.tell();
    } else if (role === "left" || role === "watching") {
      this.gathering = undefined;
      this.box.ask(this, this.words("rooms-gathered-call", { name }), "", this.come, GATHERING_MS);
    }
  }

  /** Who follows whom is another, or who presents. */
  changed(): void {
    if (!this.box.shows(this)) return;
    const { presents, role } = this.participants;
    if (this.gathering === undefined ? presents || role === "following" : !presents) this.box.close();
    else if (this.gathering !== undefined) this.tell();
  }

  private tell(): void {
    const { gathering, words, box } = this;
    if (gathering === undefined) return;
    const { came, away } = gathering.state(this.participants);
    const count = came.length + away.length;
    const now = performance.now();
    if (away.length === 0) {
      this.until = Math.min(this.until, now + ALL_MS);
      box.tell(this, words(count === 0 ? "rooms-gather-nobody" : "rooms-gathered-all"), Math.max(1, this.until - now));
    } else {
      const names = away.map((member) => member.name).join(", ");
      const text = `${words("rooms-gathered-came", { came: came.length, count })} · ${words("rooms-gathered-away", { names })}`;
      box.tell(this, text, Math.max(1, this.until - now));
    }
    box.element.dataset["came"] = `${came.length}/${count}`;
  }
}
