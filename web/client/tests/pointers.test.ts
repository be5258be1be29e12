import { expect, test } from "vitest";
import type { PointerFrame } from "../src/frames";
import { COLOURS, type Member } from "../src/messages";
import { Pointers } from "../src/pointers";

const WINDOW = { width: 1000, height: 800 };
const VIEW = { x: 5000, y: 4000, width: 2000, height: 1600, rotation: 0, flip: false };

const member = (person: string, colour: number, ...streams: number[]): Member => ({
  person, name: `Dr ${person}`, institution: "", colour, streams, following: true, whom: "", width: 0,
});
const INES = member("Ines", 0, 1);
const CLAIRE = member("Claire", 1, 2);

/** Of a pointer at level-0 px. */
const frame = (stream: number, x: number, y: number, gone = false): PointerFrame => ({
  kind: "pointer", stream, epoch: 1, sequence: 1, time: 0, x: x * 256, y: y * 256, gone,
});

function room({ still = true } = {}): Pointers {
  const pointers = new Pointers(still);
  pointers.present([INES, CLAIRE], INES.person);
  return pointers;
}

test("a pointer is shown with its person's name and colour, where it was told to be", () => {
  const pointers = room();
  pointers.hear(frame(2, 5100.5, 3900.25));
  expect(pointers.next(VIEW, WINDOW)).toEqual([{ name: "Dr Claire", colour: COLOURS[1], x: 5100.5, y: 3900.25 }]);
});

test("one's own pointer is not shown, nor one of nobody who is here", () => {
  const pointers = room();
  pointers.hear(frame(1, 5000, 4000));
  pointers.hear(frame(9, 5000, 4000));
  expect(pointers.next(VIEW, WINDOW)).toEqual([]);
});

test("two windows of one person have a pointer each", () => {
  const pointers = new Pointers(true);
  pointers.present([INES, member("Claire", 1, 2, 3)], INES.person);
  pointers.hear(frame(2, 5000, 4000));
  pointers.hear(frame(3, 5200, 4000));
  expect(pointers.next(VIEW, WINDOW).map(({ name, x }) => [name, x])).toEqual([["Dr Claire", 5000], ["Dr Claire", 5200]]);
});

test("a pointer that has left the slide is gone, and comes back where it enters", () => {
  const pointers = room({ still: false });
  pointers.hear(frame(2, 5000, 4000));
  pointers.hear(frame(2, 0, 0, true));
  expect(pointers.next(VIEW, WINDOW)).toEqual([]);
  pointers.hear(frame(2, 5500, 4500));
  expect(pointers.next(VIEW, WINDOW)).toMatchObject([{ x: 5500, y: 4500 }]);
});

test("who leaves the room takes the pointer along", () => {
  const pointers = room();
  pointers.hear(frame(2, 5000, 4000));
  pointers.present([INES], INES.person);
  pointers.present([INES, CLAIRE], INES.person);
  expect(pointers.next(VIEW, WINDOW)).toEqual([]);
});

test("another slide begins without pointers", () => {
  const pointers = room();
  pointers.hear(frame(2, 5000, 4000));
  pointers.clear();
  expect(pointers.next(VIEW, WINDOW)).toEqual([]);
});

test("a pointer glides to its new place, and comes to rest there", () => {
  const pointers = room({ still: false });
  pointers.hear(frame(2, 5000, 4000));
  pointers.hear(frame(2, 5400, 4000));
  const pixel = VIEW.width / WINDOW.width;
  const places = [];
  while (pointers.gliding(pixel)) places.push(pointers.next(VIEW, WINDOW)[0]!.x);
  expect(places[0]).toBeGreaterThan(5000);
  expect(places[0]).toBeLessThan(5400);
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(Math.abs(places.at(-1)! - 5400)).toBeLessThanOrEqual(pixel / 2);
  expect(places.length).toBeLessThan(15);
});

test("who asked for less motion sees pointers jump", () => {
  const pointers = room({ still: true });
  pointers.hear(frame(2, 5000, 4000));
  pointers.hear(frame(2, 5400, 4000));
  expect(pointers.next(VIEW, WINDOW)).toMatchObject([{ x: 5400 }]);
  expect(pointers.gliding(1)).toBe(false);
});

test.each([
  [0, 5950, 4000, true],
  [0, 6020, 4000, true], // its arrow may still reach into the window
  [0, 6050, 4000, false],
  [0, 5000, 4950, false],
  [90, 5000, 4950, true],
  [90, 5950, 4000, false],
])("turned by %d degrees, a pointer at %d, %d is in the window: %s", (rotation, x, y, inside) => {
  const pointers = room();
  pointers.hear(frame(2, x, y));
  expect(pointers.next({ ...VIEW, rotation }, WINDOW)).toHaveLength(inside ? 1 : 0);
});
