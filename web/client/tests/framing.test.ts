import { expect, test } from "vitest";
import { Framing } from "../src/framing";
import type { View } from "../src/geometry";

const frame = { window: { width: 1000, height: 500 }, ratio: 1, levels: [1, 2, 4] };
const view = (width: number): View => ({ x: 5000, y: 4000, width, height: width / 2, rotation: 20, flip: true });

test("a field near a level's own scale is shown at it, and all of it", () => {
  expect(new Framing().view(view(1700), view(1700), frame, 0).width).toBeCloseTo(2000, 9);
  expect(new Framing().view(view(2000), view(2000), frame, 0)).toEqual(view(2000));
  expect(new Framing().view(view(1600), view(1600), frame, 0).width).toBeCloseTo(1600, 9);
  expect(new Framing().view(view(2010), view(2010), frame, 0).width).toBeCloseTo(2010, 9);
});

test("a dense screen has another scale", () => {
  expect(new Framing().view(view(1700), view(1700), { ...frame, ratio: 2 }, 0).width).toBeCloseTo(2000, 9);
  expect(new Framing().view(view(900), view(900), { ...frame, ratio: 2 }, 0).width).toBeCloseTo(900, 9);
});

test("on the way to such a field its scale comes nearer without a jump, and is there in 0.2 s", () => {
  const framing = new Framing();
  const aim = view(1700);
  let before = framing.view(view(4000), view(4000), frame, 0).width;
  let field = 4000;
  for (let now = 16; now <= 224; now += 16) {
    field *= (1700 / 4000) ** (16 / 224);
    const next = framing.view(view(field), aim, frame, now).width;
    expect(next).toBeGreaterThanOrEqual(field - 1e-6);
    expect(Math.abs(Math.log(next / before))).toBeLessThan(0.08);
    before = next;
  }
  expect(framing.settled).toBe(true);
  expect(before).toBeCloseTo(2000, 6);
});

test("a field that waits for its framing is not settled; a cut is", () => {
  const framing = new Framing();
  framing.view(view(2000), view(2000), frame, 0);
  framing.view(view(1700), view(1700), frame, 10);
  expect(framing.settled).toBe(false);
  framing.cut();
  expect(framing.view(view(1700), view(1700), frame, 20).width).toBeCloseTo(2000, 9);
  expect(framing.settled).toBe(true);
});

test("at the magnification of another their scale counts alone", () => {
  expect(new Framing().view(view(1700), view(1700), { ...frame, same: 3 }, 0)).toEqual({ ...view(3000), height: 1500 });
});
