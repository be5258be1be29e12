// Fetches the tiles of one slide: in the order of the queue, again when a link or a node fails, and honestly: a tile
// that cannot be decoded is drawn as unreadable, never as blank glass; one in a reduced coding says so.

import type { View } from "./geometry";
import type { LinkSpeed } from "./link_speed";
import type { Pushed } from "./pushed";
import { levelFor, placeKey, regionOf, tilesUnder, type Place } from "./pyramid";
import { coding, finest, type Circumstances } from "./quality";
import { SlideRight, type Standing } from "./slide_right";
import { Missing, TilePictures, type Drawing, type Style, type TileAddresses } from "./tile_pictures";
import { TileQueue, type Need } from "./tile_queue";
import { dropWarm } from "./warm_drop";
import { WarmTiles } from "./warm_tiles";

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
  /** In a room: what its socket brings of this slide; absent: every tile is asked for. */
  readonly pushed?: Pushed | undefined;
}

/** One answer's worth of waiting: the first tries come fast, a dead link is asked every few seconds. */
export const retryDelay = (tries: number): number => Math.min(500 * 2 ** Math.min(tries, 4), 6000) * (0.75 + Math.random() / 2);
/** How long a level that is still being made is left alone. */
const BUILDING_MS = 3000;
/**
 * ended: the right to see the slide; signed-out: the session; failing and working: the link to the server; building and built:
 * levels that the file lacks.
 */
export type TilesState = "ended" | "signed-out" | "failing" | "working" | "building" | "built";
/** How often tiles that are waited for are thought of again. */
const WAITING_MS = 250;

export class Tiles {
  private readonly queue = new TileQueue<TileJob>();
  private readonly running = new Map<TileJob, AbortController>();
  private readonly retries = new Map<TileJob, number>();
  private readonly building = new Set<TileJob>();
  private readonly pictures: TilePictures;
  private ahead = new AbortController();
  private readonly right: SlideRight;
  private need: Need | undefined;
  private sharp: { readonly need: Need; readonly level: number; readonly keys: ReadonlySet<string> } | undefined;
  private failing = 0;
  private pausing = 0;
  private ended = false;
  private waking = 0;
  /** Nothing of what is needed was pushed for long: it is asked for. */
  private alone = false;
  private readonly deaf: () => void;
  private readonly lapse: () => void;
  /** What was kept ahead. */
  readonly warm: WarmTiles;
  /** The view rests, and all of it is drawn: from here on tiles come as the file holds them. */
  resting = false;

  constructor(
    private readonly slide: TileAddresses,
    private readonly options: TilesOptions,
  ) {
    this.right = new SlideRight(options.renew);
    this.warm = new WarmTiles(slide.id, slide.warm ?? "", () => void this.doubted());
    this.pictures = new TilePictures(slide, options.style, options.unreadable, (name) => options.pushed?.get(slide.id, name), this.warm);
    void this.warm.ready.then(() => this.pump());
    let on = this.pushing;
    this.deaf = options.pushed?.listen(() => {
      this.alone = false;
      if (on && !this.pushing) this.forget(() => true);
      on = this.pushing;
      this.pump();
    }) ?? (() => undefined);
    this.lapse = this.right.keep(() => this.pushing, (state) => this.stands(state));
  }

  /** Tiles of the field on the screen come unasked. */
  get pushing(): boolean {
    return this.options.pushed?.on === true;
  }

  /** Nothing is on its way but refinements, and levels that are still being made: what they would cover is drawn, or not. */
  get idle(): boolean {
    for (const job of this.queue.jobs()) {
      // What is not pushed only waits to be covered, or to be needed.
      if (!job.refining && !this.building.has(job) && (!this.pushing || this.needs(job))) return false;
    }
    for (const jobs of [this.running.keys(), this.retries.keys()]) {
      for (const job of jobs) if (!job.refining && !this.building.has(job)) return false;
    }
    return true;
  }

  /** Whether a tile is of the level that the window needs, and within it. */
  private needs({ place, refining }: TileJob): boolean {
    if (refining === true || this.need === undefined) return false;
    const { level } = this;
    if (this.sharp?.need !== this.need || this.sharp.level !== level) {
      const keys = new Set(tilesUnder(this.slide.levels, level, this.need.view).map(placeKey));
      this.sharp = { need: this.need, level, keys };
    }
    return this.sharp.keys.has(placeKey(place));
  }

  /** The level that the window needs. */
  get level(): number {
    return levelFor(this.slide.levels, this.need?.downsample ?? 1, finest(this.circumstances, window.devicePixelRatio));
  }

  get circumstances(): Circumstances {
    return {
      thin: this.pushing ? this.options.pushed!.reduces : this.options.speed.thin,
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

  /** What was reported of this slide's link and levels holds no longer: the next slide reports its own. */
  close(): void {
    this.ended = true;
    this.warm.close();
    this.deaf();
    this.lapse();
    window.clearTimeout(this.waking);
    this.ahead.abort();
    for (const job of [...this.queue.jobs(), ...this.running.keys(), ...this.retries.keys()]) this.cancel(job);
    this.recovered();
  }

  private pump(): void {
    if (this.ended || this.need === undefined) return;
    if (this.pushing && !this.alone) {
      this.wait(this.need);
      return;
    }
    if (this.pausing !== 0) return;
    const { carrier, parts } = this.pictures;
    const { free } = this;
    if (this.running.size > 0 && free < Math.min(Math.ceil(carrier.least / parts), this.queue.size)) return;
    this.start(this.queue.take(free, this.need));
  }

  /** How many more may be asked for. */
  private get free(): number {
    return this.pausing !== 0 ? 0 : Math.ceil(this.pictures.carrier.width / this.pictures.parts) - this.running.size;
  }

  private start({ start, drop }: { start: TileJob[]; drop: TileJob[] }): void {
    for (const job of drop) {
      job.done(undefined);
      this.built(job);
    }
    for (const job of start) void this.fetch(job, 0);
  }

  /** Draws what was pushed. The rest waits, as long as that is reasonable; what is not pushed waits to be covered. */
  private wait(need: Need): void {
    const pushed = this.options.pushed!;
    this.start(this.queue.take(Infinity, need, (job) => this.here(job)));
    const needs = (job: TileJob): boolean => this.needs(job);
    const now = performance.now();
    const state = pushed.waiting([...this.queue.jobs()].some(needs), now);
    if (state === "fetch") {
      this.alone = true;
      this.forget((job) => !needs(job));
      this.pump();
      return;
    }
    if (state === "missing") this.start(this.queue.take(this.free, need, needs));
    if (pushed.rests(now)) this.start(this.queue.take(this.free, need, (job) => job.refining === true));
    if (this.queue.size === 0 || this.waking !== 0) return;
    this.waking = window.setTimeout(() => {
      this.waking = 0;
      this.pump();
    }, WAITING_MS);
  }

  /** Whether a tile needs not be asked for. */
  private here({ place, refining }: TileJob): boolean {
    return this.pictures.here(place, refining === true || this.options.original() ? "native" : "reduced");
  }

  /** The viewer asks again for those that it needs. */
  private forget(which: (job: TileJob) => boolean): void {
    for (const job of [...this.queue.jobs()].filter(which)) {
      this.queue.delete(job);
      job.done(undefined);
      this.built(job);
    }
  }

  private async fetch(job: TileJob, tries: number): Promise<void> {
    const controller = new AbortController();
    this.running.set(job, controller);
    let again: "soon" | "later" | "when the link works" | undefined;
    try {
      const drawn = this.pushing && this.here(job); // in whatever coding it was pushed
      const wanted = job.refining ? "native" : drawn && !this.options.original() ? "reduced" : coding(this.circumstances);
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
        const state = await this.right.renew();
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

  /** The server would not hear of what was shown. */
  private async doubted(): Promise<void> {
    this.stands(await this.right.renew());
  }

  private stands(state: Standing): void {
    if (state !== "open") this.end(state);
  }

  private end(state: "ended" | "signed-out"): void {
    if (this.ended) return;
    void (state === "ended" ? this.warm.drop() : dropWarm());
    this.close();
    this.options.report(state);
  }
}
