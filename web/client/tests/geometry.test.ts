import { describe, expect, test } from "vitest";
import {
  around, barLength, contain, corners, downsampleFor, lengthText, magnification, plausibleMpp, toScreen, toSlide, whole, type View, onGrid, snapped,
} from "../src/geometry";

const view: View = { x: 20_000, y: 15_000, width: 1600, height: 900, rotation: 0, flip: false };

describe("screen and slide", () => {
  const window = { width: 800, height: 450 };
  test.each([
    [0, false], [30, false], [90, true], [200, true],
  ] as const)("rotated by %s°, mirrored %s, a place comes back from the screen", (rotation, flip) => {
    const turned = { ...view, rotation, flip };
    const place = toSlide(turned, window, { x: 123, y: 45 });
    const pixel = toScreen(turned, window, place);
    expect(pixel.x).toBeCloseTo(123, 9);
    expect(pixel.y).toBeCloseTo(45, 9);
  });
  test("rotation is clockwise: what was on the right is at the bottom after 90°", () => {
    const pixel = toScreen({ ...view, rotation: 90 }, window, { x: 20_100, y: 15_000 });
    expect(pixel.x).toBeCloseTo(400, 9);
    expect(pixel.y).toBeCloseTo(275, 9);
  });
});

describe("a follower's window", () => {
  test.each([
    [1600, 900], [1024, 1366], [300, 900], [2560, 1080],
  ])("of %s × %s px shows at least the presenter's extent, and one side of it exactly", (width, height) => {
    const shown = contain(view, { width, height });
    expect(shown.width).toBeGreaterThanOrEqual(view.width - 1e-9);
    expect(shown.height).toBeGreaterThanOrEqual(view.height - 1e-9);
    expect(Math.min(shown.width - view.width, shown.height - view.height)).toBeCloseTo(0, 9);
    expect(shown.width / shown.height).toBeCloseTo(width / height, 9);
    expect([shown.x, shown.y]).toEqual([view.x, view.y]);
  });
  test("keeps the presenter's rotation, and with it all four corners", () => {
    const turned = { ...view, rotation: 33 };
    const window = { width: 700, height: 1000 };
    const shown = contain(turned, window);
    for (const corner of corners(turned)) {
      const pixel = toScreen(shown, window, corner);
      expect(pixel.x).toBeGreaterThanOrEqual(-1e-6);
      expect(pixel.x).toBeLessThanOrEqual(window.width + 1e-6);
      expect(pixel.y).toBeGreaterThanOrEqual(-1e-6);
      expect(pixel.y).toBeLessThanOrEqual(window.height + 1e-6);
    }
  });
});

test.each([
  { rotation: 0, flip: false },
  { rotation: 30, flip: false },
  { rotation: 30, flip: true },
  { rotation: 180, flip: false },
])("the whole slide is free of the tools above and below: $rotation°, mirrored $flip", ({ rotation, flip }) => {
  const slide = { width: 40_000, height: 60_000 };
  const window = { width: 1000, height: 700 };
  const inset = { top: 50, bottom: 68 };
  const shown = whole(slide, window, rotation, flip, inset);
  expect(shown.width / shown.height).toBeCloseTo(window.width / window.height);
  const corners = [[0, 0], [1, 0], [0, 1], [1, 1]].map(([x, y]) =>
    toScreen(shown, window, { x: x! * slide.width, y: y! * slide.height }),
  );
  const top = Math.min(...corners.map((corner) => corner.y));
  const bottom = Math.max(...corners.map((corner) => corner.y));
  expect(top).toBeGreaterThan(inset.top);
  expect(bottom).toBeLessThan(window.height - inset.bottom);
  expect(top - inset.top).toBeCloseTo(window.height - inset.bottom - bottom);
});

test("in a low window the slide keeps most of the height", () => {
  const slide = { width: 1000, height: 1000 };
  const shown = whole(slide, { width: 800, height: 200 }, 0, false, { top: 50, bottom: 68 });
  expect(slide.height / (shown.height / 200)).toBeCloseTo((0.65 * 200) / 1.04);
});

test("the whole slide fits, rotated too", () => {
  const slide = { width: 40_000, height: 10_000 };
  const shown = whole(slide, { width: 1000, height: 600 }, 90);
  expect(shown.height).toBeGreaterThanOrEqual(40_000);
  expect(around(shown).width).toBeGreaterThanOrEqual(40_000);
});

describe("magnification", () => {
  test("×40 is 0.25 µm/px", () => {
    expect(magnification(0.25, 1)).toBe(40);
    expect(magnification(0.5, 2)).toBe(10);
  });
  test.each([
    [40, 0.2522, 1], [20, 0.2522, 2], [5, 0.2428, 8], [20, 0.4991, 1], [40, 0.5, 0.5],
  ])("×%s at %s µm/px is snapped to one pixel of the slide per pixel of the screen", (objective, mpp, downsample) => {
    expect(downsampleFor(objective, mpp)).toBe(downsample);
  });
  test("a scanner of another kind keeps the true scale", () => {
    expect(downsampleFor(40, 0.35)).toBeCloseTo(10 / (0.35 * 40), 12);
  });
  test("nonsense in the file gives no scale bar", () => {
    expect([null, 0, -1, Number.NaN, 100].some(plausibleMpp)).toBe(false);
    expect(plausibleMpp(0.25)).toBe(true);
  });
});

test("a scale bar has a round length that fits", () => {
  for (const micrometres of [0.05, 0.25, 0.9, 4, 33]) {
    const length = barLength(micrometres, 140);
    expect(length / micrometres).toBeLessThanOrEqual(140);
    expect(length / micrometres).toBeGreaterThan(140 / 2.6);
    expect([1, 2, 5]).toContain(Math.round(length / 10 ** Math.floor(Math.log10(length) + 1e-9)));
  }
  expect(lengthText(200, "fr")).toBe("200 µm");
  expect(lengthText(2500, "fr")).toBe("2,5 mm");
});

test("an objective snaps to a level's own pixels where they are near, whatever lies between the levels", () => {
  expect(snapped(4, [1, 4.0004, 16.003])).toBe(4.0004);
  expect(snapped(2, [1, 4.0004, 16.003])).toBe(2);
  expect(snapped(1.1, [1, 2])).toBe(1);
});

test.each([
  [0, { width: 1600, height: 901 }], [90, { width: 1600, height: 901 }], [180, { width: 1333, height: 700 }],
])("turned by %d°, a level at its own scale comes to lie on the pixels of the screen", (rotation, pixels) => {
  const before = { x: 5000.3, y: 4000.7, width: 4 * pixels.width, height: 4 * pixels.height, rotation, flip: false };
  const after = onGrid(before, pixels, [1, 4])!;
  expect(Math.abs(after.x - before.x)).toBeLessThanOrEqual(2);
  expect(Math.abs(after.y - before.y)).toBeLessThanOrEqual(2);
  const side = rotation === 90;
  expect(Number.isInteger(after.x / 4 - (side ? pixels.height : pixels.width) / 2)).toBe(true);
  expect(Number.isInteger(after.y / 4 - (side ? pixels.width : pixels.height) / 2)).toBe(true);
  expect(onGrid(after, pixels, [1, 4])).toEqual(after);
});

test("a turned view, or one between the levels, lies on no pixels", () => {
  const view = { x: 5000, y: 4000, width: 6400, height: 3600, rotation: 0, flip: false };
  const pixels = { width: 1600, height: 900 };
  expect(onGrid({ ...view, rotation: 15 }, pixels, [1, 4])).toBeUndefined();
  expect(onGrid(view, pixels, [1, 16])).toBeUndefined();
});
