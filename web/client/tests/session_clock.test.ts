import { expect, test } from "vitest";
import { answered, due, phase, settled, tried, type Clock, type Told } from "../src/session_clock";

const MINUTE = 60_000;
const START = Date.parse("2026-03-11T12:00:00Z");

/** As the server answers at minute `at` when the last act was at minute `seen`; `skew`: how far its clock is ahead. */
const told = (at: number, seen: number, ends = 240, skew = 0): Told => ({
  now: new Date(START + at * MINUTE + skew).toISOString(),
  idle_at: new Date(START + (seen + 30) * MINUTE + skew).toISOString(),
  expires_at: new Date(START + ends * MINUTE + skew).toISOString(),
  idle_seconds: 1800,
  person: "p",
  renewable: true,
  guest: false,
});
const at = (minutes: number): number => START + minutes * MINUTE;
const clock = (asked: number, seen: number, ends?: number, skew?: number): Clock => answered(told(asked, seen, ends, skew), at(asked));

test("a session is warned of its idle end for five minutes, and of its last for five", () => {
  expect(phase(clock(0, 0), at(24.9))).toBe("living");
  expect(phase(clock(0, 0), at(25))).toBe("idle-soon");
  expect(phase(clock(0, 0), at(30))).toBe("over");
  expect(phase(clock(230, 230), at(234.9))).toBe("living");
  expect(phase(clock(230, 230), at(235))).toBe("end-soon");
  expect(phase(clock(230, 230), at(240))).toBe("over");
});

test("of two ends the nearer one is spoken of", () => {
  expect(phase(clock(0, 0, 31), at(27))).toBe("idle-soon");
  expect(phase(clock(0, 0, 29), at(27))).toBe("end-soon");
  expect(phase(clock(0, 0, 29), at(29))).toBe("over");
});

test("the browser's clock may be wrong by hours", () => {
  expect(phase(clock(0, 0, 240, 3 * 60 * MINUTE), at(24))).toBe("living");
  expect(phase(clock(0, 0, 240, -3 * 60 * MINUTE), at(25))).toBe("idle-soon");
});

test("where a session falls idle soon, the warning takes a third of it", () => {
  const short = { ...clock(0, 0), idle: MINUTE, idleAt: at(1) };
  expect(phase(short, at(0.6))).toBe("living");
  expect(phase(short, at(0.7))).toBe("idle-soon");
});

test("while somebody is there the server hears of it once a minute, and not when nobody is", () => {
  expect(due(clock(0, 0), at(0.9), at(0.9))).toBeUndefined();
  expect(due(clock(0, 0), at(1.1), at(1.1))).toBe("tell");
  expect(due(clock(0, 0), at(0.1), at(20))).toBeUndefined();
  // What the header rounds off must not make the server hold the act for too young, and be told again and again.
  expect(due(clock(1, 0.99), at(2), at(2))).toBeUndefined();
});

test("an act under the warning is told at once, though the server was asked a moment ago", () => {
  const asked = clock(25, 0);
  expect(due(asked, at(0), at(25.01))).toBeUndefined();
  expect(due(asked, at(25.02), at(25.02))).toBe("tell");
});

test("before each warning, and before the end, the server is asked once", () => {
  for (const [now, known] of [[25, 0], [30, 25], [235, 230], [240, 235]] as const) {
    const before = clock(known, known > 200 ? 220 : 0);
    expect(settled(before, at(now))).toBe(false);
    expect(due(before, at(0), at(now))).toBe("ask");
  }
  expect(settled(clock(25, 0), at(26))).toBe(true);
  expect(due(clock(25, 0), at(0), at(26))).toBeUndefined();
});

test("without an answer it is tried again after five seconds, and the session still ends on time", () => {
  const waiting = tried(clock(0, 0), at(25));
  expect(due(waiting, at(0), at(25) + 4000)).toBeUndefined();
  expect(due(waiting, at(0), at(25) + 5000)).toBe("ask");
  expect(phase(tried(waiting, at(29.99)), at(30))).toBe("over");
});

test("nobody is told to be there once the session is over", () => {
  expect(due(clock(25, 0), at(31), at(31))).toBe("ask");
});
