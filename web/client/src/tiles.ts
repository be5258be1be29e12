// Fetches the tiles of one slide: in the order of the queue, again when a link or a node fails, and honestly: a tile
// that cannot be decoded is drawn as unreadable, never as blank glass.

import { request } from "./activity";
import type { View } from "./geometry";
import { regionOf, type Level, type Place } from "./pyramid";
import { TileQueue } from "./tile_queue";

export interface TileJob {
  readonly place: Place;
  /** Gives the picture to the viewer; undefined: not fetched after all, ask again when it is needed. */
  done(picture: ImageBitmap | undefined): void;
}

export interface TileAddresses {
  readonly levels: readonly Level[];
  /** With {level}, {column} and {row}. */
  readonly tiles: string;
  /** POST here opens a new view when the one of the page has expired. */
  readonly renew: string;
}

/** One answer's worth of waiting: the first tries come fast, a dead link is asked every few seconds. */
const retryDelay = (tries: number): number => Math.min(500 * 2 ** Math.min(tries, 4), 6000) * (0.75 + Math.random() / 2);
/** Until the answer that carries a new session's cookie has come to another tab. */
const SUCCESSION_MS = 1000;
const PATIENCE = 20_000;

const multiplexed = (): boolean => {
  const [page] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return page !== undefined && page.nextHopProtocol !== "" && !page.nextHopProtocol.startsWith("http/1");
};

/** ended: the right to see the slide; signed-out: the session; failing and working: the link to the server. */
export type TilesState = "ended" | "signed-out" | "failing" | "working";
/** Whether the slide may still be seen. */
type Standing = "open" | "ended" | "signed-out";

/** The small picture that lists show too; undefined: the slide has none, or the link fails. */
export async function thumbnailOf(id: string): Promise<ImageBitmap | undefined> {
  for (let tries = 0; tries < 4; tries++) {
    if (tries > 0) await new Promise((resolve) => window.setTimeout(resolve, retryDelay(tries)));
    try {
      const answer = await fetch(`/slides/${id}/thumbnail`, { credentials: "same-origin", priority: "high" });
      return answer.ok ? await createImageBitmap(await answer.blob()) : undefined;
    } catch {
      // The link; or a picture that is none, which the next tries do not make better.
    }
  }
  return undefined;
}

export class Tiles {
  private readonly queue = new TileQueue<TileJob>();
  private readonly running = new Map<TileJob, AbortController>();
  private readonly retries = new Map<TileJob, number>();
  private readonly limit = multiplexed() ? 16 : 6;
  private renewing: Promise<Standing> | undefined;
  private need: { view: View; downsample: number } | undefined;
  private failing = 0;
  private resting = 0;
  private ended = false;

  constructor(
    private readonly slide: TileAddresses,
    private readonly unreadableText: string,
    private readonly report: (state: TilesState) => void,
  ) {}

  get idle(): boolean {
    return this.queue.size === 0 && this.running.size === 0 && this.retries.size === 0;
  }

  request(job: TileJob): void {
    if (this.ended) return;
    const level = this.slide.levels[job.place.level]!;
    const downsample = this.slide.levels[0]!.width / level.width;
    const coarsest = job.place.level === this.slide.levels.length - 1;
    this.queue.add(job, { region: regionOf(this.slide.levels, job.place), downsample, coarsest });
    this.pump();
  }

  cancel(job: TileJob): void {
    this.queue.delete(job);
    const timer = this.retries.get(job);
    if (timer !== undefined) window.clearTimeout(timer);
    this.retries.delete(job);
    this.running.get(job)?.abort();
    this.running.delete(job);
    this.pump();
  }

  /** What the window shows now; `downsample` in level-0 px per device px. */
  look(view: View, downsample: number): void {
    this.need = { view, downsample };
    this.pump();
  }

  close(): void {
    this.ended = true;
    for (const job of [...this.running.keys(), ...this.retries.keys()]) this.cancel(job);
  }

  private pump(): void {
    if (this.ended || this.need === undefined || this.resting !== 0) return;
    const { start, drop } = this.queue.take(this.limit - this.running.size, this.need);
    for (const job of drop) job.done(undefined);
    for (const job of start) void this.fetch(job, 0);
  }

  private async fetch(job: TileJob, tries: number): Promise<void> {
    const controller = new AbortController();
    this.running.set(job, controller);
    const timer = window.setTimeout(() => controller.abort("late"), PATIENCE);
    let again: "soon" | "when the link works" | undefined;
    try {
      const answer = await fetch(this.address(job.place), { signal: controller.signal, credentials: "same-origin" });
      if (answer.ok) {
        job.done(await createImageBitmap(await answer.blob()));
        this.recovered();
      } else if (answer.status === 422) {
        job.done(await this.unreadable(job.place));
        this.recovered();
      } else if (answer.status === 404) {
        // The view may only have grown old; if it cannot be renewed, the right has ended.
        const state = await this.renew();
        if (state === "open") again = "soon";
        else this.end(state);
      } else {
        again = "soon";
        this.failed();
      }
    } catch {
      // An abort of our own has taken the job out of `running`; all else is the link, and the job stays.
      if (this.running.get(job) === controller) {
        again = "when the link works";
        this.failed();
      }
    } finally {
      window.clearTimeout(timer);
      if (this.running.get(job) === controller) this.running.delete(job);
    }
    if (again === "when the link works" && !this.ended) {
      // All jobs wait together: sixty tiles that try by themselves would storm a server that is just coming back.
      this.request(job);
      this.resting ||= window.setTimeout(() => {
        this.resting = 0;
        this.pump();
      }, retryDelay(Math.floor(this.failing / this.limit)));
    } else if (again === "soon" && !this.ended) {
      const wait = window.setTimeout(() => {
        this.retries.delete(job);
        void this.fetch(job, tries + 1);
      }, retryDelay(tries));
      this.retries.set(job, wait);
    }
    this.pump();
  }

  private address(place: Place): string {
    return this.slide.tiles
      .replace("{level}", String(place.level))
      .replace("{column}", String(place.column))
      .replace("{row}", String(place.row));
  }

  private failed(): void {
    this.failing += 1;
    if (this.failing === 3) this.report("failing");
  }

  private recovered(): void {
    if (this.failing >= 3) this.report("working");
    this.failing = 0;
  }

  private renew(): Promise<Standing> {
    // Many tiles meet the end of a view at once; one request serves them all.
    this.renewing ??= this.askToRenew()
      .then(
        (answer): Standing => (answer.ok ? "open" : answer.status === 401 ? "signed-out" : "ended"),
        (): Standing => "open", // no answer at all: the link, not the right
      )
      .finally(() => {
        this.renewing = undefined;
      });
    return this.renewing;
  }

  /** Asked twice where nobody seems to be signed in: a renewed session may be taking the place of the old one. */
  private async askToRenew(): Promise<Response> {
    const answer = await request(this.slide.renew, { method: "POST" });
    if (answer.status !== 401) return answer;
    await new Promise((resolve) => window.setTimeout(resolve, SUCCESSION_MS));
    return request(this.slide.renew, { method: "POST" });
  }

  private end(state: "ended" | "signed-out"): void {
    if (this.ended) return;
    this.close();
    this.report(state);
  }

  /** A hatched grey tile that says what it is. */
  private async unreadable(place: Place): Promise<ImageBitmap> {
    const { tile_width: width, tile_height: height } = this.slide.levels[place.level]!;
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d")!;
    context.fillStyle = "#6e6e6e";
    context.fillRect(0, 0, width, height);
    context.strokeStyle = "#585858";
    context.lineWidth = 6;
    for (let x = -height; x < width; x += 24) {
      context.beginPath();
      context.moveTo(x, height);
      context.lineTo(x + height, 0);
      context.stroke();
    }
    context.font = `600 ${Math.max(12, Math.round(width / 12))}px system-ui, sans-serif`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    const wide = context.measureText(this.unreadableText).width + 24;
    context.fillStyle = "#2b2b2b";
    context.fillRect((width - wide) / 2, height / 2 - width / 12, wide, width / 6);
    context.fillStyle = "#f2f2f2";
    context.fillText(this.unreadableText, width / 2, height / 2);
    return createImageBitmap(canvas);
  }
}
