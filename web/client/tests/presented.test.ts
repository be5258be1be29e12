import { expect, test } from "vitest";
import { toWire, type ViewportFrame } from "../src/frames";
import type { View } from "../src/geometry";
import { Presented } from "../src/presented";

const view = (x: number): View => ({ x, y: 500, width: 1000, height: 500, rotation: 0, flip: false });
const frame = (epoch: number, sequence: number, x: number, { stream = 1, time = sequence * 33 } = {}): ViewportFrame => ({
  kind: "viewport", stream, epoch, sequence, time, ...toWire(view(x)), flip: false, target: null, plane: 0, channels: [],
});

/** One that has followed these frames in epoch 2. */
function following(...frames: ViewportFrame[]): Presented {
  const presented = new Presented();
  for (const one of frames) if (presented.receive(one, 2)) presented.follow(one, one.time);
  return presented;
}
const LATER = 100_000;

test("before the first frame there is nothing to follow or to show", () => {
  const presented = following();
  expect(presented.heard).toBe(false);
  expect(presented.at(LATER)).toBeUndefined();
  expect(presented.moving(LATER)).toBe(false);
});

test("the newest frame of this epoch is where the field comes to rest", () => {
  const presented = following(frame(2, 1, 0), frame(2, 3, 300), frame(2, 2, -900, { time: 999 }), frame(1, 9, -900));
  expect(presented.heard).toBe(true);
  expect(presented.at(LATER)).toEqual(view(300));
});

test.each([
  ["newer", true, frame(2, 5, 0)],
  ["the same again", false, frame(2, 4, 0)],
  ["older", false, frame(2, 3, 0)],
  ["of the epoch before", false, frame(1, 9, 0)],
  ["of who presented in the epoch before", false, frame(1, 9, 0, { stream: 7 })],
  ["of an epoch to come", false, frame(3, 9, 0)],
  ["the first of another tab, which counts for itself", true, frame(2, 1, 0, { stream: 7 })],
])("after frame 4 of epoch 2, one that is %s counts: %s", (_, counts, next) => {
  expect(following(frame(2, 4, 0)).receive(next, 2)).toBe(counts);
});

test("a frame that counts and is not followed leaves the field as it was", () => {
  const presented = following(frame(2, 1, 70));
  expect(presented.receive(frame(2, 2, 800), 2)).toBe(true);
  expect(presented.at(LATER)).toEqual(view(70));
});

test("another tab of the presenter has another clock: its field is shown at once", () => {
  const presented = following(frame(2, 1, 0, { time: 90_000 }), frame(2, 2, 33, { time: 90_033 }));
  presented.follow(frame(2, 1, 640, { stream: 7, time: 5 }), 90_066);
  expect(presented.at(90_066)).toEqual(view(640));
});

test("of frames that come before their epoch, the newest waits for it, once", () => {
  const presented = following(frame(2, 1, 0));
  const early = frame(3, 2, 500);
  for (const one of [frame(3, 1, 0), early, frame(3, 1, 0)]) expect(presented.receive(one, 2)).toBe(false);
  expect(presented.at(LATER)).toEqual(view(0));
  expect(presented.begin()).toBe(early);
  expect(presented.begin()).toBeUndefined();
});

test("a new epoch begins with nothing of the one before", () => {
  const presented = following(frame(2, 8, 0), frame(2, 9, 300));
  presented.shown = presented.at(LATER);
  presented.begin();
  expect([presented.heard, presented.shown, presented.at(LATER)]).toEqual([false, undefined, undefined]);
  expect(presented.receive(frame(3, 1, 0), 3)).toBe(true);
});

test("it says where the field is going, and which frame is shown", () => {
  const target = { ...toWire(view(900)), milliseconds: 300 };
  const presented = following(frame(2, 1, 0), { ...frame(2, 2, 300), target });
  expect(presented.aim).toEqual(view(900));
  expect(presented.reached).toBeUndefined();
  presented.at(LATER);
  expect(presented.reached).toEqual({ stream: 1, sequence: 2 });
  expect(presented.newest?.sequence).toBe(2);
  presented.begin();
  expect([presented.aim, presented.reached]).toEqual([undefined, undefined]);
});

test("in a restored room, whose epochs come again, neither what was followed counts nor what waited for its epoch", () => {
  const presented = following(frame(2, 40, 300));
  presented.receive(frame(3, 9, 900), 2);
  presented.reset();
  expect([presented.heard, presented.at(LATER)]).toEqual([false, undefined]);
  expect(presented.receive(frame(2, 1, 0), 2)).toBe(true);
  const early = frame(3, 1, 500);
  presented.receive(early, 2);
  expect(presented.begin()).toBe(early);
});
