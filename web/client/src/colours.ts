// The colours of one slide on the screen: through the table of its scanner's profile, in workers, or as the file has them.
// Whoever looks chooses for themselves; the choice stays in this browser.

import { LUT_BYTES, tableOf } from "./lut";
import type { FromWorker, ToWorker } from "./lut_worker";
import { builtWorker } from "./trusted";

/** What becomes of the slide's profile (telepath/slides/profile.py). */
export interface ProfileConfig {
  readonly state: "" | "applied" | "srgb" | "unsuitable" | "damaged";
  /** As the profile calls itself. */
  readonly name: string;
  /** Address of its table; empty: none. */
  readonly lut: string;
}

/** Words of telepath/slides/shown.py. */
export type ColourPath = "icc" | "off" | "failed" | "none" | "channels";

export const NO_PROFILE: ProfileConfig = { state: "", name: "", lut: "" };
const OFF = "telepath-colours-off";
const WORKERS = 2;
/** Tiles that a worker has at a time: one that it works at, one that waits. */
const AT_ONCE = 2;

export const wantsColours = (): boolean => localStorage.getItem(OFF) === null;

export function wantColours(wanted: boolean): void {
  if (wanted) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "1");
}

const plain = (picture: Blob): Promise<ImageBitmap> => createImageBitmap(picture, { colorSpaceConversion: "none" });

interface Wanted {
  readonly picture: Blob;
  readonly signal: AbortSignal;
  done(bitmap: ImageBitmap): void;
  fail(why: unknown): void;
}

interface Hand {
  readonly worker: Worker;
  readonly doing: Map<number, Wanted>;
}

export class Colours {
  private readonly waiting: Wanted[] = [];
  private hands: Hand[] | undefined;
  private starting: Promise<void> | undefined;
  private failed = false;
  private closed = false;
  private next = 0;
  /** What was kept with a field goes before the reader's wish, until they say another. */
  said: boolean | undefined;
  /** ms that the last tiles cost beside their decoding. */
  readonly costs: number[] = [];

  /** `changed`: the table could not be had after all. */
  constructor(
    readonly profile: ProfileConfig,
    private readonly changed: () => void,
  ) {}

  get wanted(): boolean {
    return this.said ?? wantsColours();
  }

  /** How tiles are shown that are asked for now. */
  get path(): ColourPath {
    if (this.profile.lut === "") return "none";
    if (!this.wanted) return "off";
    return this.failed ? "failed" : "icc";
  }

  /** The bytes of a tile as what is drawn. Rejects when they are no picture, and by the signal. */
  async present(picture: Blob, signal: AbortSignal): Promise<ImageBitmap> {
    if (this.path === "icc") await (this.starting ??= this.start());
    signal.throwIfAborted();
    if (this.path !== "icc") return plain(picture);
    return new Promise((done, fail) => {
      this.waiting.push({ picture, signal, done, fail });
      this.hand();
    });
  }

  close(): void {
    this.closed = true;
    for (const { worker, doing } of this.hands ?? []) {
      worker.terminate();
      for (const one of doing.values()) one.fail(new DOMException("closed", "AbortError"));
    }
    for (const one of this.waiting.splice(0)) one.fail(new DOMException("closed", "AbortError"));
    this.hands = [];
  }

  /** Never rejects: without its table a slide is shown as it is, and says so. */
  private async start(): Promise<void> {
    try {
      const answer = await fetch(this.profile.lut, { credentials: "same-origin", priority: "high" });
      const table = answer.status === 200 ? tableOf(await answer.arrayBuffer()) : undefined;
      if (table === undefined) throw new Error(`no table of ${LUT_BYTES} bytes`);
      if (this.closed) return;
      this.hands = Array.from({ length: Math.min(WORKERS, Math.max(1, navigator.hardwareConcurrency - 1)) }, () => this.employ(table));
    } catch {
      this.fail();
    }
  }

  private employ(table: Int16Array): Hand {
    const hand: Hand = { worker: builtWorker(), doing: new Map() };
    hand.worker.addEventListener("message", (event: MessageEvent<FromWorker>) => this.did(hand, event.data));
    hand.worker.addEventListener("error", () => this.fail());
    hand.worker.postMessage({ table } satisfies ToWorker);
    return hand;
  }

  private did({ doing }: Hand, { id, bitmap, ms }: FromWorker): void {
    const one = doing.get(id);
    doing.delete(id);
    if (ms !== undefined && this.costs.push(ms) > 200) this.costs.shift();
    if (one === undefined) bitmap?.close();
    else if (bitmap === undefined) one.fail(new Error("no picture"));
    else if (one.signal.aborted) {
      bitmap.close();
      one.fail(one.signal.reason);
    } else one.done(bitmap);
    this.hand();
  }

  /** Gives work in the order in which it came; what nobody wants any more is left out. */
  private hand(): void {
    for (;;) {
      const free = (this.hands ?? []).reduce<Hand | undefined>(
        (least, one) => (one.doing.size < Math.min(AT_ONCE, least?.doing.size ?? AT_ONCE) ? one : least), undefined);
      if (free === undefined) return;
      const one = this.waiting.shift();
      if (one === undefined) return;
      if (one.signal.aborted) one.fail(one.signal.reason);
      else {
        const id = this.next++;
        free.doing.set(id, one);
        free.worker.postMessage({ id, picture: one.picture } satisfies ToWorker);
      }
    }
  }

  /** From here on the slide is shown as it is; what waited, too. */
  private fail(): void {
    if (this.failed || this.closed) return;
    this.failed = true;
    const left = [...(this.hands ?? []).flatMap(({ doing }) => [...doing.values()]), ...this.waiting.splice(0)];
    for (const { worker } of this.hands ?? []) worker.terminate();
    this.hands = [];
    for (const one of left) plain(one.picture).then((bitmap) => one.done(bitmap), (why: unknown) => one.fail(why));
    this.changed();
  }
}
