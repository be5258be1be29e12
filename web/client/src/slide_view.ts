// The slide on the screen. The only module that imports OpenSeadragon: its tile source, its order of loading and its
// controls are ours (see README.md for what goes wrong with the stock ones).

import OpenSeadragon from "openseadragon";
import { downsamples, columns, rows, visiblePart, type Level, type Place } from "./pyramid";
import { turn, whole, type Inset, type Point, type Size, type View } from "./geometry";
import { graphics } from "./graphics";
import { Tiles, type TileJob, type TilesState } from "./tiles";

export interface Slide extends Size {
  readonly id: string;
  readonly levels: readonly Level[];
  /** Address of a tile, with {level}, {column} and {row}. */
  readonly tiles: string;
  /** The small picture of all of it; undefined: there is none. */
  readonly thumbnail: Promise<ImageBitmap | undefined>;
}

export interface SlideViewOptions {
  /** Moves are cuts, not flights: the person asked the system for less motion. */
  readonly still: boolean;
  readonly unreadable: string;
  /** What the tools cover of the window, screen px: the whole slide is shown beside it. */
  readonly inset: Inset;
  readonly onTiles: (state: TilesState) => void;
}

interface Job extends OpenSeadragon.ImageJob {
  tile: OpenSeadragon.Tile & { loading: boolean; level: number; x: number; y: number };
  finish(data: ImageBitmap, request: null, type: string): void;
}

/** Native levels at their true scales, whatever lies between them; OpenSeadragon counts them from the coarsest. */
class NativeTileSource extends OpenSeadragon.TileSource {
  private readonly jobs = new Map<OpenSeadragon.ImageJob, TileJob>();

  constructor(
    private readonly slide: Slide,
    private readonly fetcher: Tiles,
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
    const tileJob: TileJob = {
      place,
      done: (picture) => {
        this.jobs.delete(context);
        if (picture !== undefined) {
          job.finish(picture, null, "imageBitmap");
          return;
        }
        // `fail` would make the tile a hole for ever; forgetting the job lets OpenSeadragon ask for it again.
        if (job.jobId !== null) window.clearTimeout(job.jobId);
        job.jobId = null;
        job.tile.loading = false;
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
class ThumbnailSource extends OpenSeadragon.TileSource {
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

/** OpenSeadragon gives up on a tile after this long; ours never does while the tile is needed. */
const NEVER = 2 ** 31 - 1;

export class SlideView {
  private readonly viewer: OpenSeadragon.Viewer;
  private readonly frameListeners = new Set<() => void>();
  private readonly handListeners = new Set<() => void>();
  private tiles: Tiles;
  private watching = 0;
  readonly drawer: "canvas" | "webgl";

  constructor(
    element: HTMLElement,
    private slide: Slide,
    private readonly options: SlideViewOptions,
  ) {
    // OpenSeadragon adds a style element unless the page has one with this mark. An element of that name which is not
    // HTML's passes for it, and breaks no policy.
    const style = document.createElementNS("urn:telepath", "style");
    style.setAttribute("data-openseadragon-mobile-css", "");
    document.head.append(style);

    this.drawer = graphics().software ? "canvas" : "webgl";
    this.tiles = this.newTiles();
    this.viewer = new OpenSeadragon.Viewer({
      element,
      tabIndex: -1, // the element around it takes the focus, with a name and a role
      drawer: this.drawer === "canvas" ? "canvas" : ["webgl", "canvas"],
      showNavigationControl: false,
      showNavigator: false,
      tileSources: this.layers(),
      // 0.5 picks, exactly at ×5 ×10 ×20, a level twice finer than the screen: three times the bytes for nothing.
      minPixelRatio: 0.51,
      imageLoaderLimit: 0,
      maxTilesPerFrame: 64, // Tiles has the queue, and cancels
      timeout: NEVER,
      tileRetryMax: 5,
      tileRetryDelay: 1000,
      maxImageCacheCount: 600,
      animationTime: options.still ? 0 : 0.5,
      springStiffness: 8,
      blendTime: 0,
      immediateRender: false,
      visibilityRatio: 0.25,
      minZoomImageRatio: 0.6,
      maxZoomPixelRatio: 8,
      preserveImageSizeOnResize: true,
      zoomPerScroll: 1.25,
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true, flickEnabled: false, scrollToZoom: true },
      gestureSettingsTouch: { pinchRotate: true, flickEnabled: true, clickToZoom: false, dblClickToZoom: true },
      gestureSettingsPen: { clickToZoom: false, dblClickToZoom: true },
    } as OpenSeadragon.Options);

    // Our keys are read by the page (keyboard.ts).
    this.viewer.addHandler("canvas-key", (event) => {
      event.preventDefaultAction = true;
    });
    for (const name of ["canvas-drag", "canvas-scroll", "canvas-pinch", "canvas-double-click"] as const) {
      this.viewer.addHandler(name, () => this.handled());
    }
    this.viewer.addHandler("viewport-change", () => this.changed());
    this.viewer.addHandler("after-resize", () => this.changed());
    this.viewer.addHandler("flip", () => this.changed());
    this.viewer.addHandler("open", () => this.changed());
  }

  /** The slide's tiles come last, above the rest. Grey glass is drawn under the small picture only: it would cover it. */
  private layers(): OpenSeadragon.TileSourceSpecifier[] {
    const { slide } = this;
    return [
      { tileSource: new ThumbnailSource(slide), placeholderFillStyle: "#8c8c8c" },
      { tileSource: new NativeTileSource(slide, this.tiles) },
    ] as unknown as OpenSeadragon.TileSourceSpecifier[];
  }

  private newTiles(): Tiles {
    const { levels, tiles, id } = this.slide;
    const addresses = { levels, tiles, renew: `/slides/${id}/view` };
    return new Tiles(addresses, this.options.unreadable, this.options.onTiles);
  }

  /** Resolves when the slide can be moved. */
  opened(): Promise<void> {
    if (this.viewer.isOpen()) return Promise.resolve();
    return new Promise((resolve) => this.viewer.addOnceHandler("open", () => resolve()));
  }

  /** Shows another slide of the case in the same window. */
  async open(slide: Slide): Promise<void> {
    this.tiles.close();
    this.slide = slide;
    this.tiles = this.newTiles();
    this.viewer.open(this.layers());
    await this.opened();
    this.show(this.whole(), false);
  }

  /** CSS px. */
  window(): Size {
    const size = this.viewer.viewport.getContainerSize();
    return { width: size.x, height: size.y };
  }

  /** The view of all of the slide, beside what the tools cover. */
  whole(rotation = 0, flip = false): View {
    return whole(this.slide, this.window(), rotation, flip, this.options.inset);
  }

  /** What is drawn now, in the middle of a move too. */
  view(): View {
    return this.read(true);
  }

  /** Where the running move ends. */
  target(): View {
    return this.read(false);
  }

  private read(current: boolean): View {
    const viewport = this.viewer.viewport;
    const bounds = viewport.getBoundsNoRotate(current);
    return {
      x: (bounds.x + bounds.width / 2) * this.slide.width,
      y: (bounds.y + bounds.height / 2) * this.slide.width,
      width: bounds.width * this.slide.width,
      height: bounds.height * this.slide.width,
      rotation: turn(viewport.getRotation(current)),
      flip: viewport.getFlip(),
    };
  }

  /** Level-0 px per device px. */
  downsample(view: View = this.view()): number {
    return view.width / (this.window().width * window.devicePixelRatio);
  }

  /** Moves there. The window's shape decides the height: give a view that has it (`contain`). */
  show(view: View, animate: boolean): void {
    const viewport = this.viewer.viewport;
    const cut = !animate || this.options.still;
    const now = viewport.getRotation(cut);
    const round = ((((view.rotation - now) % 360) + 540) % 360) - 180;
    viewport.setFlip(view.flip);
    viewport.setRotation(now + round, cut);
    viewport.zoomTo(this.slide.width / view.width, undefined, cut);
    viewport.panTo(new OpenSeadragon.Point(view.x / this.slide.width, view.y / this.slide.width), cut);
    if (cut) this.changed();
  }

  /** Screen px. */
  panBy(x: number, y: number): void {
    this.handled();
    const viewport = this.viewer.viewport;
    const delta = viewport.deltaPointsFromPixels(new OpenSeadragon.Point(viewport.getFlip() ? -x : x, y), false);
    viewport.panBy(delta, this.options.still);
    viewport.applyConstraints();
  }

  zoomBy(factor: number): void {
    this.handled();
    this.viewer.viewport.zoomBy(factor, undefined, this.options.still);
    this.viewer.viewport.applyConstraints();
  }

  /** Zooms about the centre to so many level-0 px per device px. */
  zoomTo(downsample: number): void {
    this.handled();
    const width = downsample * this.window().width * window.devicePixelRatio;
    this.viewer.viewport.zoomTo(this.slide.width / width, undefined, this.options.still);
  }

  rotateTo(degrees: number): void {
    this.handled();
    this.show({ ...this.target(), rotation: turn(degrees) }, true);
  }

  setFlip(flip: boolean): void {
    this.handled();
    this.viewer.viewport.setFlip(flip);
  }

  fit(): void {
    this.handled();
    const { rotation, flip } = this.target();
    this.show(this.whole(rotation, flip), true);
  }

  /** Flies to a view by the person's own wish. */
  goTo(view: View): void {
    this.handled();
    this.show(view, true);
  }

  /** Whether every tile that the window needs is drawn. */
  fullyDrawn(): boolean {
    const item = this.viewer.world.getItemAt(1) as OpenSeadragon.TiledImage | undefined;
    return item !== undefined && item.getFullyLoaded() && this.tiles.idle;
  }

  /** Native downsamples of the slide on screen, finest first. */
  nativeDownsamples(): number[] {
    return downsamples(this.slide.levels);
  }

  /** After each change of the view, once per frame at most. */
  onFrame(listener: () => void): void {
    this.frameListeners.add(listener);
  }

  /** Before any move by the person's own hand. */
  onHand(listener: () => void): void {
    this.handListeners.add(listener);
  }

  /** The slide's own px under a place of the page. */
  pixelAt(clientX: number, clientY: number): Point {
    const box = this.viewer.element.getBoundingClientRect();
    return { x: clientX - box.left, y: clientY - box.top };
  }

  private handled(): void {
    for (const listener of this.handListeners) listener();
  }

  private changed(): void {
    if (this.watching !== 0) return;
    this.watching = requestAnimationFrame(() => {
      this.watching = 0;
      if (!this.viewer.isOpen()) return;
      const target = this.target();
      this.tiles.look(target, this.downsample(target));
      for (const listener of this.frameListeners) listener();
    });
  }
}
