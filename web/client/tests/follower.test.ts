import { describe, expect, test } from "vitest";
import { between, Follower } from "../src/follower";
import { toScreen, type View } from "../src/geometry";

const view = (x: number, width = 1000): View => ({ x, y: 500, width, height: width / 2, rotation: 0, flip: false });
const offset = 5000; // between the two clocks

function played(samples: readonly (readonly [number, View])[], lateness: (index: number) => number): Follower {
  const follower = new Follower();
  for (const [index, [time, at]] of samples.entries()) follower.push({ view: at, time }, time + offset + lateness(index));
  return follower;
}

test("a late comer sees the present field at once", () => {
  const follower = new Follower();
  expect(follower.at(0)).toBeUndefined();
  follower.push({ view: view(7), time: 99 }, 1234);
  expect(follower.at(1234)).toEqual(view(7));
});

test("the field arrives exactly where the presenter stopped", () => {
  const follower = played([[0, view(0)], [33, view(33)], [66, view(66)]], () => 0);
  expect(follower.at(66 + offset + 200)).toEqual(view(66));
});

test("between samples the field moves evenly although they arrive unevenly", () => {
  const samples = Array.from({ length: 30 }, (_, i) => [i * 33, view(i * 33)] as const);
  const follower = played(samples, (index) => (index * 7919) % 25);
  const at = Array.from({ length: 20 }, (_, i) => follower.at(300 + offset + i * 16)!.x);
  const steps = at.slice(1).map((x, i) => x - at[i]!);
  for (const step of steps) expect(step).toBeCloseTo(16, 6);
});

test("an older sample changes nothing", () => {
  const follower = played([[0, view(0)], [66, view(66)]], () => 0);
  follower.push({ view: view(-900), time: 33 }, 99 + offset);
  expect(follower.at(1000 + offset)).toEqual(view(66));
});

test("a move after a long rest is not played as one slow glide", () => {
  const follower = played([[0, view(0)], [60_000, view(330)]], () => 0);
  const shown = follower.at(60_000 + offset)!.x; // one delay before the move's own time
  expect(shown).toBeLessThan(1);
});

test("beyond the last sample it goes on towards the told target, 100 ms at most", () => {
  const follower = new Follower();
  follower.push({ view: view(0), time: 0 }, offset);
  follower.push({ view: view(10), time: 33, target: { view: view(110), milliseconds: 400 } }, 33 + offset);
  const delay = follower.delay();
  expect(follower.at(33 + offset + delay + 50)!.x).toBeCloseTo(10 + 100 * (50 / 400), 6);
  expect(follower.at(33 + offset + delay + 5000)!.x).toBeCloseTo(10 + 100 * (100 / 400), 6);
});

test("the end of an animation is shown as soon as next to nothing is left of its way", () => {
  const target = { view: view(1000), milliseconds: 0 };
  const follower = new Follower();
  const told = [[0, 800], [33, 950], [66, 994], [99, 1000]] as const;
  for (const [time, x] of told) {
    follower.push({ view: view(x), time, ...(x < 1000 ? { target: { ...target, milliseconds: 99 - time } } : {}), sequence: time }, time + offset);
  }
  const shown = (time: number): number => follower.at(time + offset + follower.delay())!.x;
  expect(shown(50)).toBeLessThan(994);
  expect([shown(67), follower.reached?.sequence]).toEqual([1000, 99]);
  expect(follower.moving(67 + offset + follower.delay())).toBe(false);
  // The next animation is played from there.
  follower.push({ view: view(1100), time: 2000, target: { view: view(1800), milliseconds: 500 } }, 2000 + offset);
  expect(follower.moving(2000 + offset)).toBe(true);
  expect(follower.at(2000 + offset)!.x).toBe(1000);
});

test("a slow hand that tells no target is played evenly to its end", () => {
  const samples = [0, 33, 66, 99].map((time) => [time, view(time / 33)] as const);
  const follower = played(samples, () => 0);
  expect(follower.at(82.5 + offset + follower.delay())!.x).toBeCloseTo(2.5, 6);
});

test("who rested and is elsewhere is shown there at once", () => {
  const follower = played([[0, view(0)], [33, view(0)], [5000, view(9000)]], () => 0);
  expect(follower.at(5000 + offset)).toEqual(view(9000));
  expect(follower.moving(5000 + offset)).toBe(false);
});

test("it tells which sample is shown, or was passed last", () => {
  const follower = new Follower();
  for (const sequence of [1, 2, 3]) follower.push({ view: view(sequence), time: sequence * 33, sequence }, sequence * 33 + offset);
  const at = (time: number): number | undefined => {
    follower.at(time + offset + follower.delay());
    return follower.reached?.sequence;
  };
  expect(follower.reached).toBeUndefined();
  expect([at(70), at(98), at(99), at(9999)]).toEqual([2, 2, 3, 3]);
});

describe("interpolation", () => {
  test("a zoom about a point keeps that point in place", () => {
    const window = { width: 1000, height: 500 };
    const fixed = { x: 300, y: 420 };
    const a = view(600);
    const pixel = toScreen(a, window, fixed);
    // Zoomed four times in about `fixed`.
    const b: View = { ...a, x: fixed.x + (a.x - fixed.x) / 4, y: fixed.y + (a.y - fixed.y) / 4, width: 250, height: 125 };
    for (const part of [0.1, 0.5, 0.9]) {
      const shown = toScreen(between(a, b, part), window, fixed);
      expect(shown.x).toBeCloseTo(pixel.x, 6);
      expect(shown.y).toBeCloseTo(pixel.y, 6);
    }
    expect(between(a, b, 0.5).width).toBeCloseTo(500, 6);
  });
  test("rotation takes the short way round", () => {
    const turned = between({ ...view(0), rotation: 350 }, { ...view(0), rotation: 10 }, 0.5);
    expect(((turned.rotation % 360) + 360) % 360).toBeCloseTo(0, 6);
  });
});
