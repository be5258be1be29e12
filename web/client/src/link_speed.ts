// How much the link carries, learnt from what came over it. Pure.
//
// Only the time in which bytes were flowing counts (from the first to the last byte of each answer, answers that overlap
// once): a slow server or a long way does not make a thin link, and an idle one says nothing.

/** One answer that came over the network; milliseconds of one clock. */
export interface Flow {
  readonly start: number;
  readonly end: number;
  readonly bytes: number;
}

/** Below this the small coding is worth its loss (performance of AVIF against native JPEG tiles over links of 1 to 10 Mbit/s). */
export const THIN_MBITS = 6;
/** And from here on it is not: the space between keeps a link at the edge from changing its mind. */
const WIDE_MBITS = 9;
/** So much must have flowed before a link is called thin, and before a thin one is called wide. */
const THIN_BYTES = 64_000;
const WIDE_BYTES = 256_000;
const MEMORY_MS = 15_000;
/** Answers of one packet or two say nothing about a link. */
const LEAST_BYTES = 2_000;

/** Mbit/s over the time in which anything flowed; undefined: nothing did. */
export function rate(flows: readonly Flow[]): number | undefined {
  const sorted = [...flows].sort((a, b) => a.start - b.start);
  let bytes = 0;
  let busy = 0;
  let until = -Infinity;
  for (const { start, end, bytes: more } of sorted) {
    bytes += more;
    busy += Math.max(0, end - Math.max(start, until));
    until = Math.max(until, end);
  }
  return bytes === 0 ? undefined : (bytes * 8) / Math.max(busy, 0.1) / 1000;
}

export class LinkSpeed {
  private flows: Flow[] = [];
  private narrow: boolean;

  /** `hint`: what the browser says of the connection before anything was measured. */
  constructor(hint: boolean) {
    this.narrow = hint;
  }

  get thin(): boolean {
    return this.narrow;
  }

  observe(seen: readonly Flow[]): void {
    this.flows.push(...seen.filter((flow) => flow.bytes >= LEAST_BYTES && flow.end >= flow.start));
    const newest = Math.max(...this.flows.map((flow) => flow.end));
    this.flows = this.flows.filter((flow) => flow.end > newest - MEMORY_MS);
    const bytes = this.flows.reduce((sum, flow) => sum + flow.bytes, 0);
    const measured = rate(this.flows);
    if (measured === undefined) return;
    if (!this.narrow && bytes >= THIN_BYTES && measured < THIN_MBITS) this.become(true);
    else if (this.narrow && bytes >= WIDE_BYTES && measured > WIDE_MBITS) this.become(false);
  }

  /** What was measured before the change does not count against it. */
  private become(narrow: boolean): void {
    this.narrow = narrow;
    this.flows = [];
  }
}

/** What the server has whole before it sends it; a stream of events flows for minutes, and thinly. */
const SENT_AT_ONCE = /\/(?:tiles|static)\//;

interface Connection {
  readonly effectiveType?: string;
  readonly downlink?: number;
}

/** Watches tiles and scripts as they come. Network Information, where there is any, only until something was measured. */
export function watchLink(changed: () => void): LinkSpeed {
  const { connection } = navigator as { connection?: Connection };
  const type = connection?.effectiveType;
  const speed = new LinkSpeed(type === "slow-2g" || type === "2g" || type === "3g");
  new PerformanceObserver((list) => {
    const was = speed.thin;
    speed.observe(
      (list.getEntries() as PerformanceResourceTiming[])
        .filter((entry) => entry.transferSize > 0 && entry.responseStart > 0 && SENT_AT_ONCE.test(entry.name))
        .map((entry) => ({ start: entry.responseStart, end: entry.responseEnd, bytes: entry.transferSize })),
    );
    if (speed.thin !== was) changed();
  }).observe({ type: "resource", buffered: true });
  return speed;
}
