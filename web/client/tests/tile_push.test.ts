// What the server pushes for a window is what that window asks for: realtime/tile_push.py, by the vectors of both.

import { expect, test } from "vitest";
import { followed, sameScale, type View } from "../src/geometry";
import { downsamples, levelFor, tilesUnder, type Level } from "../src/pyramid";
import { finest } from "../src/quality";
import { vectors } from "./vectors";

interface Box {
  readonly level: number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}
interface Vector {
  readonly name: string;
  readonly levels: readonly Level[];
  readonly screen: { readonly width: number; readonly height: number; readonly ratio: number; readonly reduced: boolean; readonly across?: number };
  readonly field: View;
  readonly view: { readonly width: number; readonly height: number };
  readonly downsample: number;
  readonly sharp: Box | null;
  readonly pushed: boolean;
}

test.each(vectors<Vector[]>("tile_push"))("$name", ({ levels, screen, field, view, downsample, sharp, pushed }) => {
  const { across } = screen;
  const shown = across === undefined ? followed(field, screen, screen.ratio, downsamples(levels)) : sameScale(field, screen, field.width / across);
  expect(shown.width).toBeCloseTo(view.width, 3);
  expect(shown.height).toBeCloseTo(view.height, 3);
  expect(shown.width / (screen.width * screen.ratio)).toBeCloseTo(downsample, 6);
  if (!pushed) return; // too many: they are asked for
  const circumstances = { thin: screen.reduced, reduces: true, original: false, resting: false };
  const level = levelFor(levels, downsample, finest(circumstances, screen.ratio));
  const needed = tilesUnder(levels, level, shown);
  if (sharp === null) {
    expect(needed).toEqual([]);
    return;
  }
  expect(level).toBe(sharp.level);
  const inside = ({ column, row }: { column: number; row: number }): boolean =>
    column >= sharp.left && column <= sharp.right && row >= sharp.top && row <= sharp.bottom;
  expect(needed.every(inside)).toBe(true);
  // The server adds a device px on each side, and the corners of the box around a turned view.
  const wider = { ...shown, width: shown.width + 2 * downsample, height: shown.height + 2 * downsample };
  if (field.rotation % 90 === 0) {
    expect(tilesUnder(levels, level, wider)).toHaveLength((sharp.right - sharp.left + 1) * (sharp.bottom - sharp.top + 1));
  }
});
