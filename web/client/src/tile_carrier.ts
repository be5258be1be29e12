// Carries tiles from the server: one request each where the connection is multiplexed (HTTP/2), else many in one request.
// Coalesced here and not by OpenSeadragon, whose batch loader forgets its batches at each frame that it draws.

import { batchName, BatchReader, MOST_NAMES } from "./tile_names";

export interface Answer {
  readonly status: number;
  /** With 200. */
  readonly picture?: Blob;
  /** With 503: the level is still being made. */
  readonly building?: boolean;
}

interface Wanted {
  readonly name: string;
  readonly signal: AbortSignal;
  answer(answer: Answer): void;
  fail(why: unknown): void;
}

const PATIENCE_MS = 20_000;
/** Large enough to spare round trips, small enough that the centre is not kept waiting for the edge. */
const IN_ONE = Math.min(12, MOST_NAMES);

const multiplexed = (): boolean => {
  const [page] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return page !== undefined && page.nextHopProtocol !== "" && !page.nextHopProtocol.startsWith("http/1");
};

export const typeOf = (name: string): string => (name.endsWith(".avif") ? "image/avif" : "image/jpeg");

export class TileCarrier {
  private gathering: Wanted[] = [];
  private batches = !multiplexed();

  /** `base`: the address that all names are below. */
  constructor(private readonly base: string) {}

  /** How many tiles are worth asking for at a time. */
  get width(): number {
    return this.batches ? 3 * IN_ONE : 16;
  }

  /** How many of them make a request that is worth its way. */
  get least(): number {
    return this.batches ? IN_ONE : 1;
  }

  /** Rejects when the link fails, when it takes too long, and by the signal. */
  get(name: string, signal: AbortSignal): Promise<Answer> {
    if (!this.batches) return this.single(name, signal);
    return new Promise((answer, fail) => {
      if (this.gathering.length === 0) queueMicrotask(() => this.send());
      this.gathering.push({ name, signal, answer, fail });
    });
  }

  /** By a request of its own, whatever the connection: the browser keeps it. */
  async single(name: string, signal: AbortSignal): Promise<Answer> {
    const controller = new AbortController();
    const stop = (): void => controller.abort();
    const timer = window.setTimeout(stop, PATIENCE_MS);
    signal.addEventListener("abort", stop, { once: true });
    try {
      const answer = await fetch(`${this.base}${name}`, { signal: controller.signal, credentials: "same-origin" });
      if (answer.ok) return { status: answer.status, picture: await answer.blob() };
      return { status: answer.status, building: answer.headers.get("telepath-tile") === "building" };
    } finally {
      window.clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    }
  }

  private send(): void {
    const all = this.gathering.splice(0).filter((one) => !one.signal.aborted);
    for (let from = 0; from < all.length; from += IN_ONE) void this.batch(all.slice(from, from + IN_ONE));
  }

  private async batch(all: Wanted[]): Promise<void> {
    if (all.length === 1) {
      await this.instead(all);
      return;
    }
    const controller = new AbortController();
    // Who does not want their tile any more leaves the others theirs; when nobody is left, the request ends.
    const left = (): void => {
      if (all.every((one) => one.signal.aborted)) controller.abort();
    };
    for (const one of all) one.signal.addEventListener("abort", left, { once: true });
    const waiting = [...all];
    let timer = 0;
    const patience = (): void => {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => controller.abort("late"), PATIENCE_MS);
    };
    try {
      patience();
      const names = all.map((one) => one.name);
      const answer = await fetch(`${this.base}${batchName(names)}`, { signal: controller.signal, credentials: "same-origin" });
      if (!answer.ok || answer.body === null) {
        // The view may have grown old, or the server be older than this page: each tile by itself tells which.
        const statuses = await this.instead(waiting.splice(0));
        if (answer.status === 404 && statuses.includes(200)) this.batches = false;
        return;
      }
      const reader = new BatchReader();
      for (const body = answer.body.getReader(); ; ) {
        const { done, value } = await body.read();
        if (done) break;
        patience();
        for (const { status, bytes } of reader.push(value)) {
          const one = waiting.shift();
          if (one === undefined) continue;
          if (status === 200) one.answer({ status, picture: new Blob([bytes], { type: typeOf(one.name) }) });
          else if (status === 422) one.answer({ status });
          else void this.instead([one]); // its own answer says why
        }
      }
      for (const one of waiting) one.fail(new Error("the batch ended early"));
    } catch (why) {
      for (const one of waiting) one.fail(why);
    } finally {
      window.clearTimeout(timer);
      for (const one of all) one.signal.removeEventListener("abort", left);
    }
  }

  private instead(all: readonly Wanted[]): Promise<(number | undefined)[]> {
    return Promise.all(
      all.map(async (one) => {
        try {
          const answer = await this.single(one.name, one.signal);
          one.answer(answer);
          return answer.status;
        } catch (why) {
          one.fail(why);
          return undefined;
        }
      }),
    );
  }
}
