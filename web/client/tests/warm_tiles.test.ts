import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { WarmStore } from "../src/warm_store";
import { WarmTiles } from "../src/warm_tiles";
import { cacheStorage, KEY } from "./cache_storage";

cacheStorage();

let told: string[] = [];

beforeEach(async () => {
  told = [];
  vi.stubGlobal("window", globalThis);
  vi.stubGlobal("addEventListener", () => undefined);
  vi.stubGlobal("removeEventListener", () => undefined);
  vi.stubGlobal("fetch", async (_address: string, { body }: RequestInit) => {
    told.push(String(body));
    return new Response();
  });
  const kept = (await WarmStore.of("slide", KEY, true))!;
  await kept.put([{ name: "0/1_1", bytes: new Uint8Array([1, 2, 3]) }], []);
  await kept.writeIndex(100, "whole");
  vi.useFakeTimers();
});
afterEach(() => void vi.useRealTimers());

async function tiles(): Promise<WarmTiles> {
  const made = new WarmTiles("slide", KEY, () => undefined);
  await made.ready;
  vi.clearAllTimers(); // that of its patience
  return made;
}

test("what is shown of the tiles kept ahead is told, until the slide is closed", async () => {
  const made = await tiles();
  expect(await made.get("0/1_1")).toBeDefined();
  expect([told, vi.getTimerCount()]).toEqual([['{"kept":["0-1_1"]}'], 1]);
  made.close();
  expect(vi.getTimerCount()).toBe(0);
});

test("a tile that is found once the slide is closed begins nothing that would never end", async () => {
  const made = await tiles();
  const found = made.get("0/1_1");
  made.close();
  expect(await found).toBeDefined();
  expect([told, vi.getTimerCount()]).toEqual([[], 0]);
});
