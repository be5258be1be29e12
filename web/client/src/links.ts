// Which sockets lead to the room, which of them counts, when a second one is opened beside it, and which is let go. Pure: clocks
// (ms) and chance ([0, 1)) come in, what is to be done comes out.
//
//   nothing ──► trying ──welcome──► used ──silence, goaway──► used, and one tried beside it
//      ▲          │ closed            │ closed                    │ whoever is welcomed or speaks first stays, the other goes
//      └──────────┴───────────────────┘ ◄─────────────────────────┘
//
// There are never more than two. Silence may be nothing but a lost packet on a bad link: a second socket is then opened beside
// the first one, which may still win, and not often: else a bad moment of many clients would end as a storm on the server.

import { reconnectDelay } from "./messages";

export type Step =
  | { readonly do: "open" | "drop" | "use"; readonly link: number }
  | { readonly do: "tell"; readonly state: "open" | "reconnecting"; readonly code: number }
  /** Handshakes fail one after the other: WebSockets may be blocked here. */
  | { readonly do: "blocked" };

/** Longer than the server's own pause without a byte: silence. */
export const SLACK_MS = 950;
/** From one second socket to the next at least; a socket that was not welcomed after so long is given up for another, the next
 * one after twice as long: a server with too much to do gets to it, and not to those that were given up. */
export const PATIENCE_MS = 4000;
const MOST_PATIENCE = 4;
const LONGEST_MS = 30_000;
/** Silences further apart have nothing to do with each other. */
const CALM_MS = 60_000;
/** Failed handshakes in a row before another way is tried. */
const BLOCKED_AFTER = 3;
/** A socket that did not even live so long has failed. */
const LIVED_MS = 1000;
/** Who looks this late was asleep or busy: what came meanwhile has still to be heard. */
const LATE_MS = 600;

/** After the `count`th second socket, until there may be another: full jitter, doubling. */
export const besideDelay = (count: number, random: number): number =>
  PATIENCE_MS + random * Math.min(LONGEST_MS - PATIENCE_MS, PATIENCE_MS * (2 ** (count - 1) - 1));

export class Links {
  private made = 0;
  private used: number | undefined;
  private trying: number | undefined;
  private triedAt = 0;
  private opened = false;
  /** Sockets in a row that never opened. */
  private refused = 0;
  private usedAt = 0;
  private heardAt = 0;
  private every = 1000;
  /** The server asked to go. */
  private leaving = false;
  /** Its silence was told; whatever became of the one beside it, its next word is told too. */
  private silent = false;
  /** When to open one; undefined: nothing is planned. */
  private openAt: number | undefined;
  private failures = 0;
  private besides = 0;
  private besideAt = -Infinity;
  private lookedAt = -Infinity;
  private excused = -Infinity;

  /** The one that counts; undefined: none was welcomed. */
  get inUse(): number | undefined {
    return this.used;
  }

  /** Whether what this one says is listened to. */
  known(link: number): boolean {
    return link === this.used || link === this.trying;
  }

  start(now: number): Step[] {
    return this.open(now);
  }

  /** The server's pause until its next word at the latest. */
  told(every: number): void {
    this.every = every;
  }

  heard(link: number, now: number): Step[] {
    if (link !== this.used) return [];
    this.heardAt = now;
    if (!this.silent || this.leaving) return [];
    this.silent = false;
    return [...this.drop(), { do: "tell", state: "open", code: 0 }];
  }

  /** Its handshake succeeded. */
  answered(link: number): void {
    if (link !== this.trying) return;
    this.opened = true;
    this.refused = 0;
  }

  welcomed(link: number, now: number): Step[] {
    if (link !== this.trying) return [];
    const before = this.used;
    this.used = link;
    this.trying = this.openAt = undefined;
    this.leaving = this.silent = false;
    this.failures = 0;
    this.heardAt = this.usedAt = now;
    return [
      { do: "use", link },
      ...(before === undefined ? [] : [{ do: "drop", link: before } as const]),
      { do: "tell", state: "open", code: 0 },
    ];
  }

  /** The server is going away: another socket in `after` ms; this one serves until that one is welcomed. */
  goaway(link: number, after: number, now: number): void {
    if (link !== this.used || this.leaving) return;
    this.leaving = true;
    if (this.trying === undefined) this.openAt = now + after;
  }

  /** What is held has a gap, or the server's list of facts has: begin anew beside this one. */
  doubted(now: number): Step[] {
    if (this.used === undefined || this.trying !== undefined) return [];
    this.leaving = true; // its next word proves nothing
    return [...this.open(now), { do: "tell", state: "reconnecting", code: 0 }];
  }

  /** Closed by the other end, or by the network; for codes after which one comes back. */
  closed(link: number, code: number, now: number, random: number): Step[] {
    if (link === this.trying) {
      this.trying = undefined;
      if (this.used === undefined) return this.failed(code, now, random);
      if (this.leaving) {
        this.failures += 1;
        this.openAt = now + reconnectDelay(this.failures, random);
      } else if (now - this.heardAt > PATIENCE_MS) {
        // The network is away: this is no slow link. Both are let go.
        const dead = this.used;
        this.used = undefined;
        return [{ do: "drop", link: dead }, ...this.failed(code, now, random)];
      }
      return [];
    }
    if (link !== this.used) return [];
    this.used = undefined;
    this.leaving = false;
    this.failures = now - this.usedAt < LIVED_MS ? Math.max(1, this.failures) : 0;
    if (this.trying === undefined) this.openAt = now + reconnectDelay(this.failures, random);
    return [{ do: "tell", state: "reconnecting", code }];
  }

  /** Nothing leads there now (another way was tried): once more, as after so many failures. */
  again(now: number, random: number): void {
    this.failures += 1;
    this.openAt = now + reconnectDelay(this.failures, random);
  }

  /** All that there are, to be let go; nothing is planned. */
  end(): Step[] {
    const steps: Step[] = this.used === undefined ? [] : [{ do: "drop", link: this.used }];
    steps.push(...this.drop());
    this.used = this.openAt = undefined;
    this.leaving = false;
    return steps;
  }

  /** The network is back, or the person: nobody waits for the end of a pause. */
  hurry(now: number): void {
    if (this.openAt !== undefined && !this.leaving) {
      this.openAt = now;
      this.failures = 0;
    }
    this.besideAt = Math.min(this.besideAt, now);
  }

  /** To be called every now and then, and when `pause` is over. */
  look(now: number, random: number): Step[] {
    const late = now - this.lookedAt > LATE_MS && this.excused !== this.heardAt;
    this.lookedAt = now;
    if (this.trying !== undefined) {
      if (now - this.triedAt < PATIENCE_MS * (this.used === undefined ? Math.min(MOST_PATIENCE, 2 ** this.failures) : 1)) return [];
      const dropped = this.drop();
      if (this.used === undefined) return [...dropped, ...this.failed(1006, now, random)];
      if (this.leaving) this.openAt = now;
      else this.besideAt = Math.max(now, this.besideAt);
      return [...dropped, ...this.look(now, random)];
    }
    if (this.openAt !== undefined) return now >= this.openAt ? this.open(now) : [];
    if (this.used === undefined || now - this.heardAt <= this.every + SLACK_MS || now < this.besideAt) return [];
    if (late) {
      this.excused = this.heardAt;
      return [];
    }
    if (now - this.besideAt > CALM_MS) this.besides = 0;
    this.besides += 1;
    this.besideAt = now + besideDelay(this.besides, random);
    this.silent = true;
    return [...this.open(now), { do: "tell", state: "reconnecting", code: 0 }];
  }

  /** Milliseconds until something is due by the clock, at most `most`. */
  pause(now: number, most: number): number {
    return this.openAt === undefined ? most : Math.min(most, Math.max(0, this.openAt - now));
  }

  private open(now: number): Step[] {
    this.openAt = undefined;
    this.triedAt = now;
    this.opened = false;
    this.trying = ++this.made;
    return [{ do: "open", link: this.trying }];
  }

  private drop(): Step[] {
    const link = this.trying;
    this.trying = undefined;
    return link === undefined ? [] : [{ do: "drop", link }];
  }

  private failed(code: number, now: number, random: number): Step[] {
    this.failures += 1;
    this.refused += this.opened ? 0 : 1;
    this.leaving = false;
    this.openAt = now + reconnectDelay(this.failures, random);
    const tell: Step = { do: "tell", state: "reconnecting", code };
    return !this.opened && this.refused % BLOCKED_AFTER === 0 ? [tell, { do: "blocked" }] : [tell];
  }
}
