// The slide on the screen, and moving it. With slide_tiles and tile_source the only module that imports OpenSeadragon: its tile
// source, its order of loading and its controls are ours (see README.md for what goes wrong with the stock ones).

import OpenSeadragon from "openseadragon";
import { onGrid, shortest, snapped, turn, whole, type Inset, type Point, type Size, type View } from "./geometry";
import { downsamples } from "./pyramid";
import type { Sharpness } from "./sharpness";
import type { Slide } from "./slide";
import { SlideTiles, type SlideTilesOptions } from "./slide_tiles";

export interface SlideViewOptions extends SlideTilesOptions {
  /** Moves are cuts, not flights: the person asked the system for less motion. */
  readonly still: boolean;
  readonly drawer: "canvas" | "webgl";
  /** What the tools cover of the window, screen px: the whole slide is shown beside it. */
  readonly inset: Inset;
}

/** OpenSeadragon gives up on a tile after this long; ours never does while the tile is needed. */
const NEVER = 2 ** 31 - 1;
/** So far off in device px, nobody can tell. */
const ON_PIXELS = 0.02;

export class SlideView {
  private readonly viewer: OpenSeadragon.Viewer;
  private readonly frameListeners = new Set<() => void>();
  private readonly handListeners = new Set<() => void>();
  private readonly drawnListeners = new Set<() => void>();
  /** What is drawn of the slide. */
  tiles: SlideTiles;
  private watching = 0;
  private at = "";
  /** The view that was drawn last. */
  private painted = "";
  /** The view that was moved by less than a pixel. */
  private aligned = "";
  private aligning = false;
  private smooth = true;
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

    this.tiles = new SlideTiles(slide, options, () => this.changed());
    this.viewer = new OpenSeadragon.Viewer({
      element,
      tabIndex: -1, // the element around it takes the focus, with a name and a role
      drawer: options.drawer === "canvas" ? "canvas" : ["webgl", "canvas"],
      showNavigationControl: false,
      showNavigator: false,
      tileSources: this.tiles.layers(),
      // 0.5 picks, exactly at ×5 ×10 ×20, a level twice finer than the screen: three times the bytes for nothing.
      minPixelRatio: this.tiles.finest,
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
    this.tiles.attach(this.viewer);
    // The canvas drawer stretches each tile by a pixel against seams: where pixels lie on pixels there are none.
    if (options.drawer === "canvas") Object.assign(this.viewer.drawer, { minimumOverlapRequired: () => this.smooth });

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
    this.viewer.addHandler("animation-finish", () => this.rest());
    this.viewer.addHandler("update-viewport", () => {
      this.painted = JSON.stringify(this.view());
      for (const listener of this.drawnListeners) listener();
    });
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
    this.tiles = new SlideTiles(slide, this.options, () => this.changed());
    this.tiles.attach(this.viewer);
    this.viewer.open(this.tiles.layers());
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
    viewport.setFlip(view.flip);
    viewport.setRotation(now + shortest(now, view.rotation), cut);
    viewport.zoomTo(this.slide.width / view.width, undefined, cut);
    viewport.panTo(new OpenSeadragon.Point(view.x / this.slide.width, view.y / this.slide.width), cut);
    if (cut) this.changed();
    else this.look();
  }

  /** The view moved by less than half a device px so that pixels lie on pixels; undefined: it shows no level at its own scale. */
  onPixels(view: View): View | undefined {
    const ratio = window.devicePixelRatio;
    const { width, height } = this.window();
    return onGrid(view, { width: Math.round(width * ratio), height: Math.round(height * ratio) }, this.nativeDownsamples());
  }

  /** Shows such a view: after the one that it was made of, that is no move. */
  align(view: View): void {
    this.aligning = true;
    this.show(view, false);
    this.aligning = false;
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

  /** When a frame was drawn: it is on the screen when the next animation frame begins. */
  onDrawn(listener: () => void): void {
    this.drawnListeners.add(listener);
  }

  /** How sharp a field is in the frame that was drawn last; undefined: the view has changed since. */
  sharpness(field: View): Sharpness | undefined {
    const view = this.view();
    return JSON.stringify(view) === this.painted ? this.tiles.sharpness(field, this.downsample(view)) : undefined;
  }

  /** The slide's own px under a place of the page. */
  pixelAt(clientX: number, clientY: number): Point {
    const box = this.viewer.element.getBoundingClientRect();
    return { x: clientX - box.left, y: clientY - box.top };
  }

  private handled(): void {
    this.byHand = true;
    this.tiles.moved();
    queueMicrotask(() => this.look()); // when the move has begun, and before OpenSeadragon asks for what lies on its way
    for (const listener of this.handListeners) listener();
  }

  private changed(): void {
    this.look();
    if (this.watching !== 0) return;
    this.watching = requestAnimationFrame(() => {
      this.watching = 0;
      if (!this.viewer.isOpen()) return;
      this.look();
      for (const listener of this.frameListeners) listener();
    });
  }

  /** Tells what is needed before OpenSeadragon, in the same frame, asks for it. */
  private look(): void {
    if (!this.viewer.isOpen()) return;
    const target = this.target();
    const at = JSON.stringify(target);
    if (this.aligning) this.aligned = at;
    // Moved by less than a pixel so that pixels lie on pixels: that is no move.
    if (at !== this.at && at !== this.aligned) this.tiles.moved();
    this.at = at;
    this.tiles.look(target, this.downsample(target));
    const smooth = !this.liesOnPixels(this.view());
    if (this.options.drawer !== "canvas" || smooth === this.smooth) return;
    this.smooth = smooth;
    this.viewer.drawer.setImageSmoothingEnabled(smooth);
    if (!smooth) this.viewer.world.update(true);
  }

  /** However the view came there. */
  private liesOnPixels(view: View): boolean {
    const on = this.onPixels(view);
    if (on === undefined) return false;
    const off = Math.max(Math.abs(on.x - view.x), Math.abs(on.y - view.y), Math.abs(on.width - view.width) / 2);
    return off < ON_PIXELS * this.downsample(view);
  }

  /** After a move by hand to a level's own pixels, each of them comes to lie on one of the screen: less than half of one away. */
  private rest(): void {
    if (!this.byHand || !this.viewer.isOpen()) return;
    this.byHand = false;
    const aligned = this.onPixels(this.target());
    if (aligned !== undefined) this.align(aligned);
  }
}
