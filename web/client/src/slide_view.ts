// The slide on the screen. With tile_source the only module that imports OpenSeadragon: its tile source, its order of loading
// and its controls are ours (see README.md for what goes wrong with the stock ones).

import OpenSeadragon from "openseadragon";
import { onGrid, snapped, turn, whole, type Inset, type Point, type Size, type View } from "./geometry";
import { downsamples, type Place } from "./pyramid";
import { coding, finest, qualityOf, type Quality } from "./quality";
import { plainStyle, sameStyle, type Slide } from "./slide";
import type { LinkSpeed } from "./link_speed";
import type { Style } from "./tile_pictures";
import { NativeTileSource, replace, ThumbnailSource, type Drawn } from "./tile_source";
import { Tiles, type Drawing, type TilesState } from "./tiles";

export interface SlideViewOptions {
  /** Moves are cuts, not flights: the person asked the system for less motion. */
  readonly still: boolean;
  readonly unreadable: string;
  readonly drawer: "canvas" | "webgl";
  readonly speed: LinkSpeed;
  /** The person wants the original picture, however long it takes. */
  readonly original: () => boolean;
  /** What the tools cover of the window, screen px: the whole slide is shown beside it. */
  readonly inset: Inset;
  readonly onTiles: (state: TilesState) => void;
}

/** OpenSeadragon gives up on a tile after this long; ours never does while the tile is needed. */
const NEVER = 2 ** 31 - 1;
/** A view that has not moved for so long rests. */
const REST_MS = 250;
/** Another style is shown when all of its tiles are there, or after this long: then what is missing shows as missing. */
const STYLE_MS = 600;
/** Grey, of glass of which nothing is known yet. */
const GLASS = "#8c8c8c";

export class SlideView {
  private readonly viewer: OpenSeadragon.Viewer;
  private readonly frameListeners = new Set<() => void>();
  private readonly handListeners = new Set<() => void>();
  private tiles: Tiles;
  private source: NativeTileSource;
  private style: Style;
  /** What is to be shown next, while another style takes its place. */
  private wanted: Style | undefined;
  private gate: Promise<void> | undefined;
  private watching = 0;
  private rest = 0;
  private at = "";
  /** The view whose pixels lie on those of the screen. */
  private aligned = "";
  private byHand = false;

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

    this.style = plainStyle(slide);
    this.tiles = this.newTiles();
    this.source = this.newSource();
    this.viewer = new OpenSeadragon.Viewer({
      element,
      tabIndex: -1, // the element around it takes the focus, with a name and a role
      drawer: options.drawer === "canvas" ? "canvas" : ["webgl", "canvas"],
      showNavigationControl: false,
      showNavigator: false,
      tileSources: this.layers(),
      // 0.5 picks, exactly at ×5 ×10 ×20, a level twice finer than the screen: three times the bytes for nothing.
      minPixelRatio: finest(this.tiles.circumstances, window.devicePixelRatio),
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
    this.viewer.addHandler("animation-finish", () => this.align());
  }

  /** The slide's tiles come last, above the rest. Grey glass is drawn under the small picture only: it would cover it. */
  private layers(): OpenSeadragon.TileSourceSpecifier[] {
    return [
      { tileSource: new ThumbnailSource(this.slide), placeholderFillStyle: this.glass },
      { tileSource: this.source },
    ] as unknown as OpenSeadragon.TileSourceSpecifier[];
  }

  /** Nothing fluoresces where nothing is known. */
  private get glass(): string {
    return this.slide.channels.length > 0 ? "#000000" : GLASS;
  }

  private newTiles(): Tiles {
    return new Tiles(this.slide, {
      style: this.style,
      renew: `/slides/${this.slide.id}/view`,
      speed: this.options.speed,
      original: this.options.original,
      unreadable: this.options.unreadable,
      report: this.options.onTiles,
    });
  }

  private newSource(): NativeTileSource {
    return new NativeTileSource(this.slide, this.tiles, { style: () => this.style, gate: () => this.gate });
  }

  /** The slide's own tiles; undefined until it is open. */
  private item(): OpenSeadragon.TiledImage | undefined {
    return this.viewer.world.getItemAt(1) as OpenSeadragon.TiledImage | undefined;
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
    this.style = plainStyle(slide);
    this.wanted = undefined;
    this.tiles = this.newTiles();
    this.source = this.newSource();
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

  /** Zooms about the centre to so many level-0 px per device px, or to a level's own pixels when they are near. */
  zoomTo(downsample: number): void {
    this.handled();
    const width = snapped(downsample, this.nativeDownsamples()) * this.window().width * window.devicePixelRatio;
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
    const item = this.item();
    return item !== undefined && item.getFullyLoaded() && this.tiles.idle && this.gate === undefined;
  }

  /** Of what the window shows. */
  quality(): Quality {
    const capped = window.devicePixelRatio > 1 && coding(this.tiles.circumstances) === "reduced";
    return qualityOf(this.shown().map(([, drawn]) => drawn.coding), this.fullyDrawn(), capped);
  }

  /** The person's wishes or the link have changed: what is drawn is looked at again. */
  reconsider(): void {
    this.moved();
    this.changed();
  }

  /** What is on the screen; another may be on its way. */
  get shownStyle(): Style {
    return this.style;
  }

  /** Shows another plane, other channels or other windows. What is drawn is of one of them at a time. */
  restyle(style: Style): void {
    const changing = this.wanted !== undefined;
    this.wanted = style;
    if (!changing) void this.changeStyle();
  }

  /** How often each byte of a channel occurs in what was seen of this plane. */
  histogram(channel: number): Uint32Array {
    return this.tiles.histogram(channel);
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
    this.byHand = true;
    for (const listener of this.handListeners) listener();
  }

  private changed(): void {
    if (this.watching !== 0) return;
    this.watching = requestAnimationFrame(() => {
      this.watching = 0;
      if (!this.viewer.isOpen()) return;
      const target = this.target();
      this.tiles.look(target, this.downsample(target));
      const at = JSON.stringify(target);
      // Moved by less than a pixel so that pixels lie on pixels: that is no move.
      if (at !== this.at && at !== this.aligned) this.moved();
      this.at = at;
      for (const listener of this.frameListeners) listener();
    });
  }

  /** The slide's tiles that are drawn, and how. */
  private shown(): [OpenSeadragon.Tile, Drawn][] {
    const found: [OpenSeadragon.Tile, Drawn][] = [];
    for (const { tile } of this.item()?.lastDrawn ?? []) {
      const drawn = this.source.drawn.get(tile);
      if (drawn !== undefined && tile.loaded) found.push([tile, drawn]);
    }
    return found;
  }

  /** On a thin link a moving view is drawn from small tiles, and refined when it rests. */
  private moved(): void {
    this.tiles.disturb();
    this.fine();
    window.clearTimeout(this.rest);
    this.rest = window.setTimeout(() => this.settle(), REST_MS);
  }

  private fine(): void {
    const item = this.item() as { minPixelRatio: number } | undefined;
    const ratio = finest(this.tiles.circumstances, window.devicePixelRatio);
    if (item === undefined || item.minPixelRatio === ratio) return;
    item.minPixelRatio = ratio;
    this.viewer.forceRedraw();
  }

  /** Once all is drawn, what is drawn of reduced tiles is refined; then the planes beside this one are fetched. */
  private settle(): void {
    const drawn = this.fullyDrawn();
    if (drawn && this.tiles.resting && this.quality() === "native") {
      this.lookAhead();
      return;
    }
    if (drawn && !this.tiles.resting) {
      this.tiles.resting = true;
      this.fine();
      for (const [tile, { place, coding: kind }] of this.shown()) if (kind === "reduced") this.refine(tile, place);
      this.changed();
    }
    this.rest = window.setTimeout(() => this.settle(), REST_MS);
  }

  private refine(tile: OpenSeadragon.Tile, place: Place): void {
    const done = (drawing: Drawing | undefined): void => {
      if (drawing !== undefined) this.put(tile, place, drawing);
      this.changed();
    };
    this.tiles.request({ place, refining: true, done });
  }

  private put(tile: OpenSeadragon.Tile, place: Place, { picture, coding: kind, style }: Drawing): void {
    if (!tile.loaded || style !== this.style) {
      picture.close();
      return;
    }
    replace(tile, picture);
    this.source.drawn.set(tile, { place, coding: kind, style });
  }

  private lookAhead(): void {
    const { plane } = this.style;
    const beside = [plane + 1, plane - 1].filter((one) => one >= 0 && one < this.slide.planes.count);
    if (beside.length > 0) this.tiles.prefetch(this.shown().map(([, { place }]) => place), beside);
  }

  private async changeStyle(): Promise<void> {
    while (this.wanted !== undefined) {
      const { tiles, wanted } = this;
      let open: () => void = () => undefined;
      this.gate = new Promise((resolve) => (open = resolve));
      tiles.restyle(wanted);
      const pictures = new Map<OpenSeadragon.Tile, [Place, Drawing]>();
      const asked = this.shown().map(([tile, { place }]) => {
        return new Promise<void>((resolve) => {
          tiles.request({
            place,
            done: (drawing) => {
              if (drawing !== undefined) pictures.set(tile, [place, drawing]);
              resolve();
            },
          });
        });
      });
      await Promise.race([Promise.all(asked), new Promise((resolve) => window.setTimeout(resolve, STYLE_MS))]);
      if (tiles === this.tiles) {
        this.style = wanted;
        // What is not there in the new style goes: no plane is shown as another.
        for (const tile of [...this.viewer.tileCache.getLoadedTilesFor(this.item() ?? null)]) {
          const found = pictures.get(tile);
          if (found !== undefined) this.put(tile, ...found);
          else if (this.source.drawn.has(tile)) tile.unload(true);
        }
        this.underlay();
        if (this.wanted === wanted) this.wanted = undefined;
      }
      this.gate = undefined;
      open();
      this.viewer.forceRedraw();
      this.moved();
      this.changed();
    }
  }

  /** The small picture shows the slide as it was opened; under another style it would lie. */
  private underlay(): void {
    const plain = sameStyle(this.style, plainStyle(this.slide));
    (this.viewer.world.getItemAt(0) as OpenSeadragon.TiledImage | undefined)?.setOpacity(plain ? 1 : 0);
    const item = this.item() as { placeholderFillStyle: string | null } | undefined;
    if (item !== undefined) item.placeholderFillStyle = plain ? null : this.glass;
  }

  /** After a move by hand to a level's own pixels, each of them comes to lie on one of the screen: less than half of one away. */
  private align(): void {
    if (!this.byHand || !this.viewer.isOpen()) return;
    this.byHand = false;
    const target = this.target();
    const ratio = window.devicePixelRatio;
    const { width, height } = this.window();
    const aligned = onGrid(target, { width: Math.round(width * ratio), height: Math.round(height * ratio) }, this.nativeDownsamples());
    if (aligned === undefined) return;
    this.show(aligned, false);
    this.aligned = JSON.stringify(this.target());
  }
}
