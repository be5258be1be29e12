// The tiles that were kept ahead, for the viewer and the room: looked for before the network. What is shown of them is told to
// the server, which cannot see it: so the record of who saw which region stays whole, and a right that ended is noticed.

import { request } from "./activity";
import type { Kept } from "./messages";
import { WarmShown } from "./warm_shown";
import { WarmStore, keeps, nameOf } from "./warm_store";

/** Nothing is fetched ahead by any page of this browser while this is held. */
export const LOOKING = "telepath-looking";
const REPORT_MS = 5000;
/** A browser that has not read its index by then does without. That there is none it says in a millisecond or two. */
const PATIENCE_MS = 2000;

let looking = false;

/** Until the page is left. */
function looks(): void {
  if (looking || !("locks" in navigator)) return;
  looking = true;
  navigator.locks.request(LOOKING, { mode: "shared" }, () => new Promise(() => undefined)).catch(() => undefined);
}

export class WarmTiles {
  /** Whether it is known what there is. */
  settled = false;
  readonly ready: Promise<void>;
  private store: WarmStore | undefined;
  private readonly shown = new WarmShown();
  private timer = 0;
  private closed = false;
  private readonly leaving = (): void => this.report(true);

  /** `key`: base64; empty: nothing is kept for this person. `refused`: the server's answer to what was shown. */
  constructor(
    private readonly slide: string,
    private readonly key: string,
    private readonly refused: (status: number) => void,
  ) {
    if (key === "" || !keeps()) {
      this.settled = true;
      this.ready = Promise.resolve();
      return;
    }
    looks();
    const late = new Promise<void>((resolve) => window.setTimeout(resolve, PATIENCE_MS));
    this.ready = Promise.race([this.read(key), late]).then(() => {
      this.settled = true;
    });
    window.addEventListener("pagehide", this.leaving);
  }

  /** What is here of the slide, as the server is told of it; undefined: nothing, or a part of what it would send. */
  get kept(): Kept | undefined {
    const whole = this.store?.whole;
    return whole === undefined ? undefined : { slide: this.slide, ...whole };
  }

  has(name: string): boolean {
    return this.store?.has(name) === true;
  }

  /** Undefined: it must be fetched. */
  async get(name: string): Promise<Blob | undefined> {
    const found = await this.store?.get(name);
    // Nobody sees what is found once the slide is closed.
    if (found !== undefined && !this.closed && this.shown.show(name) && this.timer === 0) {
      this.report();
      this.timer = window.setInterval(() => this.report(), REPORT_MS);
    }
    return found;
  }

  /** The right to the slide has ended: what is kept goes, whether it was read yet or not. */
  async drop(): Promise<void> {
    this.close();
    if (this.key !== "" && keeps()) await caches.delete(await nameOf(this.key));
  }

  close(): void {
    this.closed = true;
    this.report(true);
    window.clearInterval(this.timer);
    window.removeEventListener("pagehide", this.leaving);
    this.store = undefined;
  }

  private async read(key: string): Promise<void> {
    try {
      this.store = await WarmStore.of(this.slide, key);
      await this.store?.touch();
    } catch {
      // A browser that refuses storage: everything is fetched.
    }
  }

  private report(leaving = false): void {
    for (const names of this.shown.due(leaving)) {
      const body = JSON.stringify({ kept: names.map((name) => name.replace("/", "-")) });
      const again = (): void => this.shown.again(names);
      request(`/slides/${this.slide}/view`, { method: "POST", headers: { "Content-Type": "application/json" }, body, keepalive: leaving }).then(
        (answer) => {
          if (answer.status === 404 || answer.status === 401) this.refused(answer.status);
          else if (!answer.ok) again();
        },
        again,
      );
    }
  }
}
