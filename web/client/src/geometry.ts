// Lengths and scales on a slide; mirrors telepath/geometry.py. Pure.
//
// Level-0 pixels (finest level, origin top left, x to the right, y down) are what is stored and sent. Screen pixels are
// CSS pixels, and live only here.

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Top left corner and size, level-0 px. */
export interface Region extends Point, Size {}

/** What a person sees: centre and extent in level-0 px (the extent before rotation), degrees clockwise, mirrored or not. */
export interface View extends Point, Size {
  readonly rotation: number;
  readonly flip: boolean;
}

/** The magnifications of the buttons, as on a microscope's turret. */
export const OBJECTIVES = [2.5, 5, 10, 20, 40] as const;

/** The convention of the field: ×40 at 0.25 µm/px, so objective = 10 / (µm per screen pixel). */
const OBJECTIVE_MICROMETRES = 10;

/** Objective that `downsample` (level-0 px per device px) corresponds to. */
export const magnification = (mpp: number, downsample: number): number => OBJECTIVE_MICROMETRES / (mpp * downsample);

/**
 * Level-0 px per device px for an objective. Within 20 % of a power of two it becomes that power: then one pixel of the
 * slide is one pixel of the screen, which is sharpest, and a level finer than the screen is never fetched.
 */
export function downsampleFor(objective: number, mpp: number): number {
  const wanted = OBJECTIVE_MICROMETRES / (mpp * objective);
  const native = 2 ** Math.round(Math.log2(wanted));
  return Math.abs(wanted / native - 1) <= 0.2 ? native : wanted;
}

/** A level's own downsample when one is within 20 % of the wanted one, else the wanted one. */
export function snapped(wanted: number, levels: readonly number[]): number {
  const off = (one: number): number => Math.abs(wanted / one - 1);
  const nearest = [...levels].sort((a, b) => off(a) - off(b))[0];
  return nearest !== undefined && off(nearest) <= 0.2 ? nearest : wanted;
}

/**
 * The view moved by less than half a device px so that pixels of a level lie exactly on those of the screen (`pixels`: of the
 * window, device px); undefined: it does not show a level at its own scale, upright or on its side.
 */
export function onGrid(view: View, pixels: Size, levels: readonly number[]): View | undefined {
  const downsample = view.width / pixels.width;
  const native = levels.find((one) => Math.abs(one / downsample - 1) < 2e-4);
  const quarter = view.rotation / 90;
  if (native === undefined || Math.abs(quarter - Math.round(quarter)) > 1e-6) return undefined;
  const side = Math.round(quarter) % 2 !== 0;
  const on = (centre: number, extent: number): number => native * (Math.round(centre / native - extent / 2) + extent / 2);
  return {
    ...view,
    x: on(view.x, side ? pixels.height : pixels.width),
    y: on(view.y, side ? pixels.width : pixels.height),
    width: native * pixels.width,
    height: native * pixels.height,
  };
}

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** 0 ≤ degrees < 360. */
export const turn = (degrees: number): number => ((degrees % 360) + 360) % 360;

/** The shortest way from one rotation to another, degrees: -180 to 180. */
export const shortest = (from: number, to: number): number => ((((to - from) % 360) + 540) % 360) - 180;

/** Screen px of a point of the slide. Rotation is clockwise about the centre; the mirror comes after it. */
export function toScreen(view: View, window: Size, point: Point): Point {
  const scale = window.width / view.width;
  const dx = (point.x - view.x) * scale;
  const dy = (point.y - view.y) * scale;
  const cos = Math.cos(radians(view.rotation));
  const sin = Math.sin(radians(view.rotation));
  const x = dx * cos - dy * sin;
  return { x: window.width / 2 + (view.flip ? -x : x), y: window.height / 2 + dx * sin + dy * cos };
}

/** Inverse of `toScreen`. */
export function toSlide(view: View, window: Size, pixel: Point): Point {
  const scale = view.width / window.width;
  const x = (view.flip ? -1 : 1) * (pixel.x - window.width / 2);
  const y = pixel.y - window.height / 2;
  const cos = Math.cos(radians(view.rotation));
  const sin = Math.sin(radians(view.rotation));
  return { x: view.x + (x * cos + y * sin) * scale, y: view.y + (y * cos - x * sin) * scale };
}

/** The four corners of a view on the slide: top left, top right, bottom right, bottom left of its window. */
export function corners(view: View): readonly [Point, Point, Point, Point] {
  const at = (x: number, y: number): Point => toSlide(view, view, { x, y });
  return [at(0, 0), at(view.width, 0), at(view.width, view.height), at(0, view.height)];
}

/** The upright rectangle around a view. */
export function around(view: View): Region {
  const cos = Math.abs(Math.cos(radians(view.rotation)));
  const sin = Math.abs(Math.sin(radians(view.rotation)));
  const width = view.width * cos + view.height * sin;
  const height = view.width * sin + view.height * cos;
  return { x: view.x - width / 2, y: view.y - height / 2, width, height };
}

/**
 * The view of a window of another shape that shows at least all that `view` shows, and no more than needed:
 * s' = max(w / W', h / H').
 */
export function contain(view: View, window: Size): View {
  const scale = Math.max(view.width / window.width, view.height / window.height);
  return { ...view, width: scale * window.width, height: scale * window.height };
}

/** A level's own downsample when one is at most 20 % coarser than the wanted one, else the wanted one: never finer. */
export function snappedUp(wanted: number, levels: readonly number[]): number {
  const coarser = levels.filter((one) => one >= wanted * (1 - 1e-6) && one <= wanted * 1.2);
  return coarser.length === 0 ? wanted : Math.min(...coarser);
}

/**
 * How many times coarser than `contain` a window is shown that follows `field`, so that one px of a level is one of the screen:
 * 1 to 1.2. Mirrors `followed` of realtime/tile_push.py. `ratio`: device px per CSS px; `levels`: downsamples.
 */
export function easing(field: View, window: Size, ratio: number, levels: readonly number[]): number {
  const wanted = contain(field, window).width / (window.width * ratio);
  return snappedUp(wanted, levels) / wanted;
}

/** The view of a window that follows `field`: all of it, at a level's own scale when one is near. */
export function followed(field: View, window: Size, ratio: number, levels: readonly number[]): View {
  return scaled(contain(field, window), easing(field, window, ratio, levels));
}

/** The view of a window that shows the middle of `field` as large as its sender sees it, at `scale` level-0 px per CSS px. */
export const sameScale = (field: View, window: Size, scale: number): View => ({
  ...field, width: scale * window.width, height: scale * window.height,
});

/** More or less around the same centre. */
export const scaled = (view: View, factor: number): View => ({ ...view, width: view.width * factor, height: view.height * factor });

/** The height of a window that its tools cover, screen px. */
export interface Inset {
  readonly top: number;
  readonly bottom: number;
}

/** Of a low window, so much of the height is for the slide whatever the tools cover. */
const LEAST_FREE = 0.65;

/** The whole slide with a small margin, in the middle of what `inset` leaves free. */
export function whole(slide: Size, window: Size, rotation = 0, flip = false, inset: Inset = { top: 0, bottom: 0 }): View {
  const box = around({ x: 0, y: 0, width: slide.width, height: slide.height, rotation, flip });
  const covered = inset.top + inset.bottom;
  const share = covered === 0 ? 0 : Math.min(1, ((1 - LEAST_FREE) * window.height) / covered);
  const scale = 1.04 * Math.max(box.width / window.width, box.height / (window.height - share * covered));
  // The slide's middle lies so far below the window's.
  const down = (share * (inset.top - inset.bottom)) / 2;
  return {
    x: slide.width / 2 - down * scale * Math.sin(radians(rotation)),
    y: slide.height / 2 - down * scale * Math.cos(radians(rotation)),
    width: scale * window.width,
    height: scale * window.height,
    rotation,
    flip,
  };
}

/** Finite and of positive extent, within what 32-bit fixed point (1/256 px) can carry. */
export function valid(view: View): boolean {
  const limit = 2 ** 31 / 256;
  const numbers = [view.x, view.y, view.width, view.height, view.rotation];
  return numbers.every((n) => Number.isFinite(n) && Math.abs(n) < limit) && view.width > 0 && view.height > 0;
}

/** Scanners make 0.05 to 20 µm/px. Outside, no scale bar is shown rather than a false one. */
export const plausibleMpp = (mpp: number | null): mpp is number => mpp !== null && mpp >= 0.05 && mpp <= 20;

/** The longest 1-2-5 length (µm) whose bar is at most `room` px, for `micrometres` per screen px. */
export function barLength(micrometres: number, room: number): number {
  const most = micrometres * room;
  const decade = 10 ** Math.floor(Math.log10(most));
  return (most >= 5 * decade ? 5 : most >= 2 * decade ? 2 : 1) * decade;
}

/** "200 µm", "2 mm", "50 nm" in the reader's language. */
export function lengthText(micrometres: number, language: string): string {
  const [value, unit] =
    micrometres >= 1000 ? [micrometres / 1000, "mm"] : micrometres >= 1 ? [micrometres, "µm"] : [micrometres * 1000, "nm"];
  return `${new Intl.NumberFormat(language, { maximumFractionDigits: 2 }).format(value)} ${unit}`;
}
