import { expect, test } from "vitest";
import { nameOf, stateOf, WarmStore } from "../src/warm_store";
import { cacheStorage, KEY } from "./cache_storage";

cacheStorage();

const part = (name: string): { name: string; bytes: Uint8Array<ArrayBuffer> } => ({ name, bytes: new Uint8Array([1, 2, 3]) });

async function store(): Promise<WarmStore> {
  return (await WarmStore.of("slide", KEY, true))!;
}

test("what is kept of a slide is found again, and by its whole plan once that is there", async () => {
  const fetching = await store();
  fetching.plan = { width: 1600, height: 900, tiles: 1 };
  await fetching.put([part("0/1_1")], []);
  await fetching.writeIndex(100, "");
  expect((await store()).whole).toBeUndefined();
  await fetching.writeIndex(100, "whole");
  const read = await store();
  expect(read.whole).toEqual({ mark: "whole", width: 1600, height: 900, tiles: 1 });
  expect(new Uint8Array(await (await read.get("0/1_1"))!.arrayBuffer())).toEqual(new Uint8Array([1, 2, 3]));
});

test("a page that read a part of the plan does not call it whole when it tells that it used it", async () => {
  const fetching = await store();
  await fetching.put([part("0/1_1")], []);
  await fetching.writeIndex(100, "");
  const reading = await store();
  await fetching.put([part("0/2_1")], []);
  await fetching.writeIndex(100, "whole");
  await reading.touch();
  const { mark } = (await stateOf(await nameOf(KEY)))!;
  expect({ mark, second: (await store()).has("0/2_1") }).toEqual({ mark: "", second: false });
});
