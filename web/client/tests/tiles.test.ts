import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LinkSpeed } from "../src/link_speed";
import { Tiles, type TileJob, type TilesState } from "../src/tiles";

/** What the server answers to the next requests; "cut": nothing. */
let answers: "building" | "cut" = "cut";

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("window", globalThis);
  vi.stubGlobal("removeEventListener", () => undefined);
  vi.stubGlobal("fetch", async () => {
    if (answers === "cut") throw new TypeError("no link");
    return new Response(null, { status: 503, headers: { "telepath-tile": "building" } });
  });
});

afterEach(() => {
  vi.clearAllTimers();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Of a slide of 8 x 8 tiles, all in sight, and what they report. */
function tiles(): { tiles: Tiles; reported: TilesState[] } {
  const reported: TilesState[] = [];
  const level = { width: 2048, height: 2048, tile_width: 256, tile_height: 256, columns: 8, rows: 8 };
  const made = new Tiles(
    { id: "slide", levels: [level], tiles: "/slides/slide/tiles/", channels: [] },
    {
      style: { plane: 0, channels: [] }, renew: "/slides/slide/view", speed: new LinkSpeed(false), original: () => false, unreadable: "",
      report: (state) => reported.push(state),
    },
  );
  made.look({ x: 1024, y: 1024, width: 2048, height: 2048, rotation: 0, flip: false }, 1);
  return { tiles: made, reported };
}

const job = (column: number): TileJob => ({ place: { level: 0, column, row: 0 }, done: () => undefined });

test("a link that fails is no longer reported once the slide is closed", async () => {
  answers = "cut";
  const { tiles: made, reported } = tiles();
  for (let column = 0; column < 3; column += 1) made.request(job(column));
  await vi.waitUntil(() => reported.length > 0);
  expect(reported).toEqual(["failing"]);
  made.close();
  expect(reported).toEqual(["failing", "working"]);
});

test("a level that is being made is no longer reported once the slide is closed, though its tile waits in the queue", async () => {
  answers = "building";
  const { tiles: made, reported } = tiles();
  made.request(job(0));
  await vi.waitUntil(() => reported.length > 0);
  expect(reported).toEqual(["building"]);
  answers = "cut";
  await vi.advanceTimersByTimeAsync(4000); // asked for again, and back in the queue until the link works
  made.close();
  expect(reported.filter((state) => state === "building" || state === "built")).toEqual(["building", "built"]);
});
