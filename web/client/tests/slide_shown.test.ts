import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { slideShown } from "../src/slide_shown";
import { silent } from "./silent";

let asked = 0;

/** The server answers so, one after the other, and the last one from then on. */
function answers(...all: Response[]): void {
  vi.stubGlobal("fetch", () => Promise.resolve(all[Math.min(asked++, all.length - 1)]!));
}

beforeEach(() => {
  vi.useFakeTimers();
  asked = 0;
  vi.stubGlobal("window", globalThis);
  vi.stubGlobal("document", new EventTarget());
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

test("the slide is asked for until there is an answer", async () => {
  answers(new Response(null, { status: 503 }), Response.json({ slide: { id: "s" }, epoch: 4 }));
  const shown = slideShown("r");
  await vi.advanceTimersByTimeAsync(1000);
  expect(await shown).toEqual({ slide: { id: "s" }, epoch: 4 });
  expect(asked).toBe(2);
});

test("so it is over a connection that is dead, though nothing closed it", async () => {
  const before = silent();
  const shown = slideShown("r");
  await vi.advanceTimersByTimeAsync(5500);
  expect(before).toEqual(["/rooms/r/slide"]);
  answers(Response.json({ slide: { id: "s" }, epoch: 4 }));
  await vi.advanceTimersByTimeAsync(500);
  expect(await shown).toEqual({ slide: { id: "s" }, epoch: 4 });
});

test("an answer that breaks off is none", async () => {
  answers(new Response('{"slide": {"id'), Response.json({ slide: { id: "s" }, epoch: 4 }));
  const shown = slideShown("r");
  await vi.advanceTimersByTimeAsync(1000);
  expect(await shown).toEqual({ slide: { id: "s" }, epoch: 4 });
});

test("the session that takes the place of one that ended is waited for", async () => {
  answers(new Response(null, { status: 401 }), Response.json({ slide: { id: "s" }, epoch: 4 }));
  const shown = slideShown("r");
  await vi.advanceTimersByTimeAsync(1000);
  expect(await shown).toEqual({ slide: { id: "s" }, epoch: 4 });
});

test.each([
  [404, 1],
  [401, 10],
])("answered %d, it is asked for no more than %d times", async (status, times) => {
  answers(new Response(null, { status }));
  const shown = slideShown("r");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toBe(times);
  expect(await shown).toBeUndefined();
});
