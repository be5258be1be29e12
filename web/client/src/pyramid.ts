// The levels of a slide and their tiles. Pure. Level 0 is the finest, as OpenSlide counts; tiles lie on the level's own
// grid, column and row counted from the top left. Levels may be any factor apart (1:4:16 in many scanners' files).

import { around, corners, type Region, type Size, type View } from "./geometry";

export interface Level extends Size {
  /** Size of a whole tile; those of the last column and row may be padded by the file, and are clipped when drawn. */
  readonly tile_width: number;
  readonly tile_height: number;
}

export interface Place {
  readonly level: number;
  readonly column: number;
  readonly row: number;
}

export const placeKey = ({ level, column, row }: Place): string => `${level}/${column}_${row}`;

export const columns = (level: Level): number => Math.ceil(level.width / level.tile_width);
export const rows = (level: Level): number => Math.ceil(level.height / level.tile_height);

/** What part of a tile's picture lies on the slide, in the level's px. */
export function visiblePart(level: Level, column: number, row: number): Size {
  return {
    width: Math.min(level.tile_width, level.width - column * level.tile_width),
    height: Math.min(level.tile_height, level.height - row * level.tile_height),
  };
}

/** Level-0 px covered by a tile. */
export function regionOf(levels: readonly Level[], place: Place): Region {
  const finest = levels[0]!;
  const level = levels[place.level]!;
  const part = visiblePart(level, place.column, place.row);
  const across = finest.width / level.width;
  const down = finest.height / level.height;
  return {
    x: place.column * level.tile_width * across,
    y: place.row * level.tile_height * down,
    width: part.width * across,
    height: part.height * down,
  };
}

/** Level-0 px per px of each level. */
export const downsamples = (levels: readonly Level[]): number[] => levels.map((level) => levels[0]!.width / level.width);

/** The finest level whose px are at least `least` device px on a screen of `downsample` (level-0 px per device px); else the coarsest. */
export function levelFor(levels: readonly Level[], downsample: number, least: number): number {
  const found = downsamples(levels).findIndex((one) => one >= least * downsample);
  return found < 0 ? levels.length - 1 : found;
}

/** The tiles of a level that lie under a view, turned as it is; not those that it touches by less than `slack` level-0 px. */
export function tilesUnder(levels: readonly Level[], level: number, view: View, slack = 0): Place[] {
  const inner = { ...view, width: view.width - 2 * slack, height: view.height - 2 * slack };
  if (inner.width <= 0 || inner.height <= 0) return [];
  const grid = levels[level]!;
  const box = around(inner);
  const across = (grid.tile_width * levels[0]!.width) / grid.width;
  const down = (grid.tile_height * levels[0]!.height) / grid.height;
  const places: Place[] = [];
  const last = { column: Math.min(columns(grid) - 1, Math.ceil((box.x + box.width) / across) - 1), row: Math.min(rows(grid) - 1, Math.ceil((box.y + box.height) / down) - 1) };
  for (let row = Math.max(0, Math.floor(box.y / down)); row <= last.row; row++) {
    for (let column = Math.max(0, Math.floor(box.x / across)); column <= last.column; column++) {
      const place = { level, column, row };
      if (overlaps(regionOf(levels, place), inner)) places.push(place);
    }
  }
  return places;
}

/** Whether some of an upright region is seen; its box is known to meet that of the view. */
function overlaps(region: Region, view: View): boolean {
  const own = corners({ ...view, flip: false });
  const theirs = [[0, 0], [1, 0], [1, 1], [0, 1]].map(([x, y]) => ({ x: region.x + x! * region.width, y: region.y + y! * region.height }));
  // Two convex shapes are apart when a side of one of them parts them; the sides of the upright one are those of the boxes.
  for (const [from, to] of [[own[0], own[1]], [own[1], own[2]]] as const) {
    const side = (point: { x: number; y: number }): number => (point.x - from.x) * (to.x - from.x) + (point.y - from.y) * (to.y - from.y);
    const mine = own.map(side);
    const others = theirs.map(side);
    if (Math.max(...others) <= Math.min(...mine) || Math.min(...others) >= Math.max(...mine)) return false;
  }
  return true;
}
