// Fetches the tiles of one slide: in the order of the queue, again when a link or a node fails, and honestly: a tile
// that cannot be decoded is drawn as unreadable, never as blank glass; one in a reduced coding says so.

import { request } from "./activity";
import type { View } from "./geometry";
import type { LinkSpeed } from "./link_speed";
import { regionOf, type Place } from "./pyramid";
import { coding, type Circumstances } from "./quality";
import { Missing, TilePictures, type Drawing, type Style, type TileAddresses } from "./tile_pictures";
import { TileQueue } from "./tile_queue";

export type { Drawing };

export interface TileJob {
  readonly place: Place;
  /** A tile that is drawn in a reduced coding is fetched as the file holds it. */
  readonly refining?: boolean;
  /** Gives the picture to the viewer; undefined: not fetched after all, ask again when it is needed. */
  done(drawing: Drawing | undefined): void;
}

export interface TilesOptions {
  readonly style: Style;
  /** POST here opens a new view when the one of the page has expired. */
  readonly renew: string;
  readonly speed: LinkSpeed;
  /** The person wants the original picture, however long it takes. */
  readonly original: () => boolean;
  readonly unreadable: string;
  readonly report: (state: TilesState) => void;
}

/** One answer's worth of waiting: the first tries come fast, a dead link is asked every few seconds. */
const retryDelay = (tries: number): number => Math.min(500 * 2 ** Math.min(tries, 4), 6000) * (0.75 + Math.random() / 2);
/** Until the answer that carries a new session's cookie has come to another tab. */
const SUCCESSION_MS = 1000;
/** How long a level that is still being made is left alone. */
const BUILDING_MS = 3000;
/**
 * ended: the right to see the slide; signed-out: the session; failing and working: the link to the server; building and built:
 * levels that the file lacks.
 */
export type TilesState = "ended" | "signed-out" | "failing" | "working" | "building" | "built";
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
  private readonly building = new Set<TileJob>();
  private readonly pictures: TilePictures;
  private ahead = new AbortController();
  private renewing: Promise<Standing> | undefined;
  private need: { view: View; downsample: number } | undefined;
  private failing = 0;
  private pausing = 0;
  private ended = false;
  /** The view rests, and all of it is drawn: from here on tiles come as the file holds them. */
  resting = false;

  constructor(
    private readonly slide: TileAddresses,
    private readonly options: TilesOptions,
  ) {
    this.pictures = new TilePictures(slide, options.style, options.unreadable);
  }

  /** Nothing is on its way but refinements, and levels that are still being made: what they would cover is drawn, or not. */
  get idle(): boolean {
    for (const jobs of [this.queue.jobs(), this.running.keys(), this.retries.keys()]) {
      for (const job of jobs) if (!job.refining && !this.building.has(job)) return false;
    }
    return true;
  }

  get circumstances(): Circumstances {
    return {
      thin: this.options.speed.thin,
      reduces: this.pictures.reduces,
      original: this.options.original(),
      resting: this.resting,
    };
  }

  request(job: TileJob): void {
    if (this.ended) return;
    const level = this.slide.levels[job.place.level]!;
    const downsample = this.slide.levels[0]!.width / level.width;
    const coarsest = job.place.level === this.slide.levels.length - 1;
    const refining = job.refining === true;
    this.queue.add(job, { region: regionOf(this.slide.levels, job.place), downsample, coarsest, refining });
    this.pump();
  }

  cancel(job: TileJob): void {
    this.queue.delete(job);
    const timer = this.retries.get(job);
    if (timer !== undefined) window.clearTimeout(timer);
    this.retries.delete(job);
    const controller = this.running.get(job);
    this.running.delete(job);
    controller?.abort();
    this.built(job);
    this.pump();
  }

  /** What the window shows now; `downsample` in level-0 px per device px. */
  look(view: View, downsample: number): void {
    this.need = { view, downsample };
    this.pump();
  }

  /** Moved again: refinements and what is fetched ahead give way to what is needed now. */
  disturb(): void {
    this.resting = false;
    this.ahead.abort();
    for (const job of [...this.queue.jobs(), ...this.running.keys(), ...this.retries.keys()]) {
      if (!job.refining) continue;
      this.cancel(job);
      job.done(undefined);
    }
  }

  /** Another plane, other channels, or other windows: what comes from now on is of that style. */
  restyle(style: Style): void {
    this.ahead.abort();
    if (!this.pictures.restyle(style)) return;
    for (const job of [...this.running.keys()]) {
      this.cancel(job);
      if (job.refining) job.done(undefined);
      else this.request(job);
    }
  }

  /** Fetches the same tiles of other planes while nothing else is needed; a move ends it. */
  prefetch(places: readonly Place[], planes: readonly number[]): void {
    this.ahead.abort();
    this.ahead = new AbortController();
    void this.pictures.prefetch(places, planes, coding({ ...this.circumstances, resting: false }), this.ahead.signal);
  }

  /** How often each byte of a channel occurs in what was seen of this plane. */
  histogram(channel: number): Uint32Array {
    return this.pictures.histogram(channel);
  }

  close(): void {
    this.ended = true;
    this.ahead.abort();
    for (const job of [...this.running.keys(), ...this.retries.keys()]) this.cancel(job);
  }

  private pump(): void {
    if (this.ended || this.need === undefined || this.pausing !== 0) return;
    const { carrier, parts } = this.pictures;
    const free = Math.ceil(carrier.width / parts) - this.running.size;
    if (this.running.size > 0 && free < Math.min(Math.ceil(carrier.least / parts), this.queue.size)) return;
    const { start, drop } = this.queue.take(free, this.need);
    for (const job of drop) {
      job.done(undefined);
      this.built(job);
    }
    for (const job of start) void this.fetch(job, 0);
  }

  private async fetch(job: TileJob, tries: number): Promise<void> {
    const controller = new AbortController();
    this.running.set(job, controller);
    let again: "soon" | "later" | "when the link works" | undefined;
    try {
      const wanted = job.refining ? "native" : coding(this.circumstances);
      const drawing = await this.pictures.draw(job.place, wanted, controller.signal);
      if (this.running.get(job) === controller) {
        job.done(drawing);
        this.built(job);
        this.recovered();
      } else drawing.picture.close();
    } catch (why) {
      // An abort of our own has taken the job out of `running`; all else is the server or the link, and the job stays.
      if (this.running.get(job) !== controller) again = undefined;
      else if (!(why instanceof Missing)) {
        again = "when the link works";
        this.failed();
      } else if (why.answer.status === 404) {
        // The view may only have grown old; if it cannot be renewed, the right has ended.
        const state = await this.renew();
        if (state === "open") again = "soon";
        else this.end(state);
      } else if (why.answer.building === true) {
        again = "later";
        if (this.building.size === 0) this.options.report("building");
        this.building.add(job);
      } else {
        again = "soon";
        this.failed();
      }
    }
    if (this.running.get(job) === controller) this.running.delete(job);
    else again = undefined; // taken back meanwhile
    if (again === "when the link works" && !this.ended) {
      // All jobs wait together: sixty tiles that try by themselves would storm a server that is just coming back.
      this.request(job);
      this.pausing ||= window.setTimeout(() => {
        this.pausing = 0;
        this.pump();
      }, retryDelay(Math.floor(this.failing / this.pictures.carrier.width)));
    } else if (again !== undefined && !this.ended) {
      const wait = window.setTimeout(
        () => {
          this.retries.delete(job);
          // A level that is being made may take longer than the view stays: it goes through the queue again.
          if (again === "later") this.request(job);
          else void this.fetch(job, tries + 1);
        },
        again === "later" ? BUILDING_MS * (0.75 + Math.random() / 2) : retryDelay(tries),
      );
      this.retries.set(job, wait);
    }
    this.pump();
  }

  private built(job: TileJob): void {
    if (this.building.delete(job) && this.building.size === 0) this.options.report("built");
  }

  private failed(): void {
    this.failing += 1;
    if (this.failing === 3) this.options.report("failing");
  }

  private recovered(): void {
    if (this.failing >= 3) this.options.report("working");
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
    const answer = await request(this.options.renew, { method: "POST" });
    if (answer.status !== 401) return answer;
    await new Promise((resolve) => window.setTimeout(resolve, SUCCESSION_MS));
    return request(this.options.renew, { method: "POST" });
  }

  private end(state: "ended" | "signed-out"): void {
    if (this.ended) return;
    this.close();
    this.options.report(state);
  }
}
