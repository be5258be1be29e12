import { expect, test } from "vitest";
import type { StrokeFrame } from "../src/frames";
import { fitted, Ink, lineOf, POINTS, simplified, strokeOf, type Line } from "../src/ink";
import type { Fact, Member } from "../src/messages";

const member = (person: string, colour: number, ...streams: number[]): Member => ({
  person, name: `Dr ${person}`, institution: "", colour, streams, following: true, whom: "", width: 0,
});
const INES = member("ines", 0, 1);
const CLAIRE = member("claire", 3, 2);
const LINE = [{ x: 10, y: 20 }, { x: 30, y: 40 }];

const head = (seq: number, actor: string, op = "") => ({ type: "fact", seq, actor, name: `Dr ${actor}`, at: "", op }) as const;
const drawn = (seq: number, actor: string, op = "", slide = "slide"): Fact => ({
  ...head(seq, actor, op), kind: "drawn", body: { slide, plane: 0, points: [[10, 20], [30, 40]] },
});
const erased = (seq: number, drawn: number): Fact => ({ ...head(seq, "ines"), kind: "erased", body: { drawn } });
const stroke = (stream: number, gone = false): StrokeFrame => ({
  kind: "stroke", stream, epoch: 1, sequence: 1, time: 0, ...strokeOf(LINE, 1, 0, gone),
});

function room(): Ink {
  const ink = new Ink(INES.person);
  ink.open("slide");
  ink.present([INES, CLAIRE]);
  return ink;
}

const circle = (points: number, radius: number): Line =>
  Array.from({ length: points }, (_, at) => ({
    x: 50_000 + radius * Math.cos((2 * Math.PI * at) / points), y: 60_000 + radius * Math.sin((2 * Math.PI * at) / points),
  }));

test("a straight line keeps its ends, and a corner stays", () => {
  const straight = Array.from({ length: 100 }, (_, x) => ({ x, y: x / 2 }));
  expect(simplified(straight, 0.5)).toEqual([{ x: 0, y: 0 }, { x: 99, y: 49.5 }]);
  expect(simplified([{ x: 0, y: 0 }, { x: 50, y: 1 }, { x: 50, y: 50 }], 0.5)).toHaveLength(3);
});

test("no point of a line is further from what is left of it than the tolerance", () => {
  const line = circle(2000, 900);
  const left = simplified(line, 4);
  expect(left.length).toBeLessThan(80);
  for (const { x, y } of line) {
    const radius = Math.hypot(x - 50_000, y - 60_000);
    expect(Math.abs(radius - 900)).toBeLessThan(4.01);
  }
  for (const point of left) expect(line).toContainEqual(point);
});

test("a line has no more points than may be sent", () => {
  const wild = Array.from({ length: 5000 }, (_, at) => ({ x: at * 10, y: at % 2 === 0 ? 0 : 3000 }));
  expect(fitted(wild, 1, POINTS).length).toBeLessThanOrEqual(POINTS);
});

test("what the others get of a stroke is the line, to a part of a screen pixel", () => {
  for (const [points, radius, pixel] of [[200, 40, 0.5], [3000, 30_000, 64]] as const) {
    const line = fitted(circle(points, radius), pixel, 256);
    const back = lineOf(strokeOf(line, pixel, 0, false));
    expect(back).toHaveLength(line.length);
    for (const [at, { x, y }] of back.entries()) expect(Math.hypot(x - line[at]!.x, y - line[at]!.y)).toBeLessThan(pixel);
  }
});

test("a dot is a line too", () => {
  expect(lineOf(strokeOf([{ x: 5, y: 6 }], 1, 0, false))).toEqual([{ x: 5, y: 6 }]);
});

test("a line that is drawn is seen, stays while its fact is on its way, and is then the fact", () => {
  const ink = room();
  ink.draft(stroke(2), 0);
  expect(ink.shown(0)).toEqual([{ seq: 0, person: "claire", colour: 3, plane: 0, line: LINE }]);
  ink.draft(stroke(2, true), 100);
  expect(ink.shown(200)).toHaveLength(1);
  ink.heard(drawn(7, "claire"));
  expect(ink.shown(200)).toEqual([{ seq: 7, person: "claire", colour: 3, plane: 0, line: LINE }]);
});

test("frames of a line that come after its fact draw nothing", () => {
  const ink = room();
  ink.draft(stroke(2), 0);
  ink.heard(drawn(7, "claire"));
  ink.draft(stroke(2, true), 10);
  expect(ink.shown(10).map(({ seq }) => seq)).toEqual([7]);
});

test("a line that was let go and never became a fact goes, and so does that of who left", () => {
  const ink = room();
  ink.draft(stroke(2, true), 0);
  expect(ink.shown(3999)).toHaveLength(1);
  expect(ink.shown(4000)).toEqual([]);
  ink.draft(stroke(2), 5000);
  ink.present([INES]);
  expect(ink.shown(5000)).toEqual([]);
  ink.draft(stroke(9), 5000);
  expect(ink.shown(5000), "of nobody who is here").toEqual([]);
});

test("one's own line is seen though the link is cut, once, and goes when it is refused", () => {
  const ink = room();
  ink.committed("an-operation", "slide", 0, LINE);
  ink.committed("another-one", "slide", 0, LINE);
  expect(ink.shown(0)).toHaveLength(2);
  ink.heard(drawn(7, "ines", "an-operation"));
  expect(ink.shown(0).map(({ seq }) => seq)).toEqual([7, 0]);
  ink.refused("another-one");
  expect(ink.shown(0).map(({ seq }) => seq)).toEqual([7]);
});

test("ink of another slide is not shown on this one", () => {
  const ink = room();
  ink.heard(drawn(7, "claire", "", "other"));
  ink.committed("an-operation", "slide", 0, LINE);
  ink.open("other");
  expect(ink.shown(0)).toEqual([]);
  ink.read("slide", [{ seq: 3, plane: 0, points: [[1, 2], [3, 4]], person: "max", colour: 5 }]);
  expect(ink.shown(0), "the list of the slide before").toEqual([]);
});

test("a line that is let go once another slide is open is of the one that it was drawn on", () => {
  const ink = room();
  ink.open("other");
  ink.committed("an-operation", "slide", 0, LINE);
  expect(ink.shown(0)).toEqual([]);
  expect(ink.heard(drawn(7, "ines", "an-operation"))).toBeUndefined();
  expect(ink.shown(0)).toEqual([]);
  ink.open("slide");
  ink.committed("another-one", "slide", 0, LINE);
  expect(ink.shown(0)).toHaveLength(1);
});

test("what was erased does not come back with a list that was on its way", () => {
  const ink = room();
  ink.heard(erased(9, 7));
  ink.read("slide", [7, 8].map((seq) => ({ seq, plane: 0, points: [[10, 20], [30, 40]] as const, person: "max", colour: 5 })));
  expect(ink.shown(0)).toEqual([{ seq: 8, person: "max", colour: 5, plane: 0, line: LINE }]);
  ink.heard(erased(10, 8));
  expect(ink.shown(0)).toEqual([]);
});

test("a line with a number that was erased before the room's facts began anew is seen", () => {
  const ink = room();
  ink.heard(erased(9, 7));
  ink.reset(() => false);
  ink.open("slide");
  ink.read("slide", [{ seq: 7, plane: 0, points: [[10, 20], [30, 40]], person: "max", colour: 5 }]);
  ink.heard(drawn(8, "claire"));
  ink.heard(erased(10, 8));
  expect(ink.shown(0)).toEqual([{ seq: 7, person: "max", colour: 5, plane: 0, line: LINE }]);
});

test("of one's own lines, after the room's facts began anew, those are shown that are still to be answered, and those that stand", () => {
  const ink = room();
  ink.read("slide", [3, 4].map((seq) => ({ seq, plane: 0, points: [[10, 20], [30, 40]] as const, person: "ines", colour: 0 })));
  ink.committed("drawn", "slide", 1, LINE);
  ink.committed("draws", "slide", 2, LINE);
  ink.erase("erased", 3);
  ink.erase("erases", 4);
  ink.reset((operation) => operation === "draws" || operation === "erases");
  ink.open("slide");
  ink.read("slide", [3, 4].map((seq) => ({ seq, plane: 0, points: [[10, 20], [30, 40]] as const, person: "ines", colour: 0 })));
  expect(ink.shown(0).map(({ seq, plane }) => [seq, plane])).toEqual([[3, 0], [0, 2]]);
});

test("a line that is drawn where one was before the room's facts began anew is seen", () => {
  const ink = room();
  ink.heard(drawn(5, "claire"));
  ink.reset(() => false);
  ink.open("slide");
  ink.draft(stroke(2), 0);
  expect(ink.shown(0)).toHaveLength(1);
});

test("the newest of one's own is the first to be undone", () => {
  const ink = room();
  for (const [seq, actor] of [[3, "ines"], [5, "claire"], [8, "ines"]] as const) ink.heard(drawn(seq, actor));
  expect(ink.facts("ines")).toEqual([8, 3]);
  expect(ink.facts()).toEqual([8, 5, 3]);
});

test("what one erases goes at once, and is back when it was refused", () => {
  const ink = room();
  ink.heard(drawn(3, "ines"));
  ink.erase("an-operation", 3);
  expect([ink.shown(0), ink.facts()]).toEqual([[], []]);
  ink.refused("an-operation");
  expect(ink.facts()).toEqual([3]);
});

test("undoing takes one's own last line, and one that is no fact yet as soon as it is one", () => {
  const ink = room();
  ink.heard(drawn(3, "ines"));
  ink.heard(drawn(4, "claire"));
  ink.committed("an-operation", "slide", 0, LINE);
  expect(ink.undo(), "on its way").toBeUndefined();
  expect(ink.shown(0).map(({ seq }) => seq)).toEqual([3, 4]);
  expect(ink.undo()).toBe(3);
  expect(ink.heard(drawn(5, "ines", "an-operation")), "to be erased now").toBe(5);
});

test("the colour of who left is told by the list of what stands", () => {
  const ink = room();
  ink.heard(drawn(3, "max"));
  expect(ink.knows("max")).toBe(false);
  ink.read("slide", [{ seq: 3, plane: 0, points: [[10, 20], [30, 40]], person: "max", colour: 5 }]);
  expect([ink.knows("max"), ink.shown(0).map(({ colour }) => colour)]).toEqual([true, [5]]);
});
