// How sharp a field is on this screen, by the tiles that are drawn. Pure.

import type { View } from "./geometry";
import { downsamples, placeKey, regionOf, tilesUnder, type Level, type Place } from "./pyramid";
import type { Coding } from "./quality";

export interface Sharpness {
  /** All of it is drawn, no part more than four times coarser than needed. */
  readonly usable: boolean;
  /** All of it is drawn at the level that this window needs. */
  readonly sharp: boolean;
  /** Some of it in a second, lossy coding. */
  readonly reduced: boolean;
}

const COARSEST = 4.01;

/**
 * Of `field`, where `drawn` are the tiles on the screen (by `placeKey`), `level` is needed there, and `pixel` level-0 px are one
 * of the screen: what is less than that is not missed. Beside the slide there is nothing to draw.
 */
export function sharpness(levels: readonly Level[], field: View, level: number, drawn: ReadonlyMap<string, Coding>, pixel: number): Sharpness {
  const scales = downsamples(levels);
  // Finer ones than needed are never drawn. Of each of the others: the tiles that the field lacks.
  const enough = [...levels.keys()].filter((one) => one >= level && scales[one]! <= COARSEST * scales[level]!);
  const lacking = new Map(enough.map((one) => [one, new Set(tilesUnder(levels, one, field, pixel).map(placeKey).filter((key) => !drawn.has(key)))]));
  const covered = (place: Place): boolean => {
    const { x, y, width, height } = regionOf(levels, place);
    const part: View = { x: x + width / 2, y: y + height / 2, width, height, rotation: 0, flip: false };
    return enough.some((one) => !tilesUnder(levels, one, part, pixel).some((under) => lacking.get(one)!.has(placeKey(under))));
  };
  const sharp = lacking.get(level)!.size === 0;
  const usable = sharp || tilesUnder(levels, level, field, pixel).every(covered);
  const at = sharp ? [level] : [...levels.keys()].filter((one) => one >= level);
  const reduced = at.some((one) => tilesUnder(levels, one, field, pixel).some((place) => drawn.get(placeKey(place)) === "reduced"));
  return { usable, sharp, reduced };
}
