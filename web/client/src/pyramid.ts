// The levels of a slide and their tiles. Pure. Level 0 is the finest, as OpenSlide counts; tiles lie on the level's own
// grid, column and row counted from the top left. Levels may be any factor apart (1:4:16 in many scanners' files).

import type { Region, Size } from "./geometry";

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
