// What OpenSeadragon asks for: the slide's own levels at their true scales, and under them its small picture. With slide_view and
// slide_tiles the only module that imports OpenSeadragon.

import OpenSeadragon from "openseadragon";
import { columns, rows, visiblePart, type Level, type Place } from "./pyramid";
import type { Coding } from "./quality";
import type { Slide } from "./slide";
import type { Style } from "./tile_pictures";
import type { Drawing, TileJob, Tiles } from "./tiles";

interface Job extends OpenSeadragon.ImageJob {
  tile: OpenSeadragon.Tile & { loading: boolean; level: number; x: number; y: number };
  finish(data: ImageBitmap, request: null, type: string): void;
}

/** What is drawn of a tile. */
export interface Drawn {
  readonly place: Place;
  readonly coding: Coding;
  readonly style: Style;
}

export interface Delivery {
  /** The style that tiles are drawn in. */
  readonly style: () => Style;
  /** While one style takes the place of another nothing is delivered: what is on the screen is of one style only. */
  readonly gate: () => Promise<void> | undefined;
}

/** Native levels at their true scales, whatever lies between them; OpenSeadragon counts them from the coarsest. */
export class NativeTileSource extends OpenSeadragon.TileSource {
  readonly drawn = new WeakMap<OpenSeadragon.Tile, Drawn>();
  private readonly jobs = new Map<OpenSeadragon.ImageJob, TileJob>();

  constructor(
    private readonly slide: Slide,
    private readonly fetcher: Tiles,
    private readonly delivery: Delivery,
  ) {
    const finest = slide.levels[0]!;
    super({
      width: slide.width,
      height: slide.height,
      tileWidth: finest.tile_width,
      tileHeight: finest.tile_height,
      tileOverlap: 0,
      minLevel: 0,
      maxLevel: slide.levels.length - 1,
    } as OpenSeadragon.TileSourceOptions);
  }

  private native(level: number): Level {
    return this.slide.levels[this.slide.levels.length - 1 - level]!;
  }

  override getLevelScale(level: number): number {
    return this.native(level).width / this.slide.width;
  }

  override getTileWidth(level: number): number {
    return this.native(level).tile_width;
  }

  override getTileHeight(level: number): number {
    return this.native(level).tile_height;
  }

  override getNumTiles(level: number): OpenSeadragon.Point {
    return new OpenSeadragon.Point(columns(this.native(level)), rows(this.native(level)));
  }

  // Its types say Tile; it returns, and OpenSeadragon uses, a Point of column and row.
  override getTileAtPoint(level: number, point: OpenSeadragon.Point): OpenSeadragon.Tile {
    const native = this.native(level);
    const across = Math.floor((point.x * native.width) / native.tile_width);
    const down = Math.floor((point.y * this.aspectRatio * native.height) / native.tile_height);
    return new OpenSeadragon.Point(
      Math.min(Math.max(across, 0), columns(native) - 1),
      Math.min(Math.max(down, 0), rows(native) - 1),
    ) as unknown as OpenSeadragon.Tile;
  }

  override getTileBounds(level: number, x: number, y: number, isSource?: boolean): OpenSeadragon.Rect {
    const native = this.native(level);
    const part = visiblePart(native, x, y);
    // Files pad the tiles of the last column and row: only what lies on the slide is drawn.
    if (isSource) return new OpenSeadragon.Rect(0, 0, part.width, part.height);
    const down = 1 / (native.height * this.aspectRatio);
    return new OpenSeadragon.Rect(
      (x * native.tile_width) / native.width,
      y * native.tile_height * down,
      part.width / native.width,
      part.height * down,
    );
  }

  override getTileUrl(level: number, x: number, y: number): string {
    return `${this.slide.id}/${this.slide.levels.length - 1 - level}/${x}_${y}`; // a name for its cache; Tiles fetches
  }

  override hasTransparency(): boolean {
    return false;
  }

  override downloadTileStart(context: OpenSeadragon.ImageJob): void {
    const job = context as Job;
    const place: Place = { level: this.slide.levels.length - 1 - job.tile.level, column: job.tile.x, row: job.tile.y };
    const deliver = (drawing: Drawing | undefined): void => {
      if (drawing !== undefined && drawing.style === this.delivery.style()) {
        this.drawn.set(job.tile, { place, coding: drawing.coding, style: drawing.style });
        job.finish(drawing.picture, null, "imageBitmap");
        return;
      }
      // `fail` would make the tile a hole for ever; forgetting the job lets OpenSeadragon ask for it again.
      drawing?.picture.close();
      if (job.jobId !== null) window.clearTimeout(job.jobId);
      job.jobId = null;
      job.tile.loading = false;
    };
    const tileJob: TileJob = {
      place,
      done: (drawing) => {
        this.jobs.delete(context);
        const gate = this.delivery.gate();
        if (gate === undefined) deliver(drawing);
        else void gate.then(() => deliver(drawing));
      },
    };
    this.jobs.set(context, tileJob);
    this.fetcher.request(tileJob);
  }

  override downloadTileAbort(context: OpenSeadragon.ImageJob): void {
    const job = this.jobs.get(context);
    this.jobs.delete(context);
    if (job !== undefined) this.fetcher.cancel(job);
  }
}

/** The slide's small picture as one tile, under all others: what has not come yet is blurred, never black. */
export class ThumbnailSource extends OpenSeadragon.TileSource {
  constructor(private readonly slide: Slide) {
    const { width, height } = slide;
    super({ width, height, tileWidth: width, tileHeight: height, tileOverlap: 0, minLevel: 0, maxLevel: 0 } as OpenSeadragon.TileSourceOptions);
  }

  override getTileUrl(): string {
    return `${this.slide.id}/thumbnail`; // a name for its cache
  }

  override hasTransparency(): boolean {
    return false;
  }

  override downloadTileStart(context: OpenSeadragon.ImageJob): void {
    // Without a picture the job never ends, and the glass stays grey.
    void this.slide.thumbnail.then((picture) => {
      if (picture !== undefined) (context as Job).finish(picture, null, "imageBitmap");
    });
  }

  override downloadTileAbort(): void {
    // The picture is not this job's alone.
  }
}

/** Puts another picture in the place of what is drawn, without a gap. */
export function replace(tile: OpenSeadragon.Tile, picture: ImageBitmap): void {
  const cache = tile.getCache();
  const before: unknown = cache.data;
  // The canvas drawer keeps contexts: another type would not be drawn until it was converted.
  if (cache.type === "context2d") {
    const canvas = document.createElement("canvas");
    canvas.width = picture.width;
    canvas.height = picture.height;
    const context = canvas.getContext("2d", { willReadFrequently: true })!;
    context.drawImage(picture, 0, 0);
    picture.close();
    void cache.setDataAs(context, "context2d");
  } else void cache.setDataAs(picture, "imageBitmap");
  if (before instanceof ImageBitmap && before !== cache.data) before.close();
}
