import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SlideRight, standing, type Standing } from "../src/slide_right";

const MINUTE = 60_000;
const asked: string[] = [];
let status = 200;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("window", globalThis);
  vi.stubGlobal("document", new EventTarget());
  vi.stubGlobal("fetch", (address: string) => {
    asked.push(address);
    return Promise.resolve(new Response(null, { status }));
  });
  asked.length = 0;
  status = 200;
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("the right has ended when the server says so, and not when it cannot say", () => {
  expect([200, 401, 403, 404].map(standing)).toEqual(["open", "signed-out", "ended", "ended"]);
  expect([429, 500, 502, 503].map(standing)).toEqual(["open", "open", "open", "open"]);
});

test("who is sent tiles renews their view before it ends, and hears when it cannot be", async () => {
  const said: Standing[] = [];
  let used = true;
  const stop = new SlideRight("/slides/x/view").keep(() => used, (state) => said.push(state));
  await vi.advanceTimersByTimeAsync(15 * MINUTE);
  expect(asked.length).toBeGreaterThan(1);
  expect(new Set([...asked, ...said])).toEqual(new Set(["/slides/x/view", "open"]));
  status = 404;
  await vi.advanceTimersByTimeAsync(15 * MINUTE);
  expect(said.at(-1)).toBe("ended");
  used = false;
  asked.length = 0;
  await vi.advanceTimersByTimeAsync(15 * MINUTE);
  used = true;
  stop();
  await vi.advanceTimersByTimeAsync(15 * MINUTE);
  expect(asked).toEqual([]);
});
