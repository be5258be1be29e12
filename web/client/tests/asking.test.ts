import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Asking } from "../src/asking";

let changes = 0;

function asking(): Asking {
  changes = 0;
  const made = new Asking(() => (changes += 1));
  made.asked("aaaaaaaa");
  return made;
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("window", globalThis);
});
afterEach(() => {
  vi.clearAllTimers();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("whoever presents has 10 s from when the room has the question, however long it waited for the link", () => {
  const asked = asking();
  vi.advanceTimersByTime(60_000);
  expect([asked.waits, asked.unanswered, changes]).toEqual([true, false, 0]);
  asked.heard("aaaaaaaa");
  vi.advanceTimersByTime(9_999);
  expect([asked.waits, asked.unanswered, changes]).toEqual([true, false, 0]);
  vi.advanceTimersByTime(1);
  expect([asked.waits, asked.unanswered, changes]).toEqual([false, true, 1]);
});

test("the question of another, or one's own before, is not this one", () => {
  const asked = asking();
  asked.heard("bbbbbbbb");
  asked.refused("bbbbbbbb");
  vi.advanceTimersByTime(60_000);
  expect([asked.waits, asked.unanswered]).toEqual([true, false]);
});

test("told again, it counts from the first time", () => {
  const asked = asking();
  asked.heard("aaaaaaaa");
  vi.advanceTimersByTime(8_000);
  asked.heard("aaaaaaaa");
  vi.advanceTimersByTime(2_000);
  expect(asked.unanswered).toBe(true);
});

test("what was refused was not asked, and may be asked again", () => {
  const asked = asking();
  asked.refused("aaaaaaaa");
  expect([asked.waits, changes]).toEqual([false, 1]);
  asked.asked("bbbbbbbb");
  asked.heard("bbbbbbbb");
  vi.advanceTimersByTime(10_000);
  expect(asked.unanswered).toBe(true);
});

test("when somebody else presents nothing is asked of them", () => {
  const asked = asking();
  asked.heard("aaaaaaaa");
  asked.settled();
  vi.advanceTimersByTime(60_000);
  expect([asked.waits, asked.unanswered, changes]).toEqual([false, false, 0]);
});
