import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { EventStream } from "../src/event_stream";
import { silent } from "./silent";

/** The browser's own: the test plays the server. */
class Source extends EventTarget {
  static all: Source[] = [];
  closed = false;

  constructor(readonly address: string) {
    super();
    Source.all.push(this);
  }

  close(): void {
    this.closed = true;
  }

  says(type: string, data: string): void {
    this.dispatchEvent(Object.assign(new Event(type), { data }));
  }
}

const TICK = JSON.stringify({ type: "tick", seq: 0, at: 0, linked: true, every: 1000 });
let heard: string[] = [];

function stream(): { stream: EventStream; source: Source } {
  const made = new EventStream("r", 3, {
    message: ({ type }) => heard.push(type),
    binary: (bytes) => heard.push(`${bytes.length} bytes`),
    closed: (code) => heard.push(`closed ${code}`),
    cut: () => heard.push("cut"),
  });
  return { stream: made, source: Source.all.at(-1)! };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("window", globalThis);
  vi.stubGlobal("EventSource", Source);
  heard = [];
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

test("what the server says is heard until it closes, and says why", () => {
  const { source } = stream();
  expect(source.address).toBe("/rooms/r/facts?last_seq=3");
  source.says("tick", TICK);
  source.says("frames", "AAAA");
  source.says("close", '{"code":4410}');
  vi.advanceTimersByTime(60_000);
  expect(heard).toEqual(["tick", "3 bytes", "closed 4410"]);
  expect(source.closed).toBe(true);
});

test("a stream that says nothing any more is cut, though nobody closed it", () => {
  const { source } = stream();
  for (let second = 0; second < 30; second += 1) {
    source.says("tick", TICK);
    vi.advanceTimersByTime(1000);
  }
  expect(source.closed).toBe(false);
  vi.advanceTimersByTime(14_000);
  expect(heard.at(-1)).toBe("cut");
  expect(source.closed).toBe(true);
});

test("who has left hears of no cut", () => {
  const { stream: left, source } = stream();
  left.end();
  source.dispatchEvent(new Event("error"));
  vi.advanceTimersByTime(60_000);
  expect(heard).toEqual([]);
});

test("an operation that is not answered for 5 s is given up, and may be sent again", async () => {
  const asked = silent();
  const answer = stream().stream.post({ type: "op", id: "aaaaaaaa", act: { kind: "ask" } });
  await vi.advanceTimersByTimeAsync(5000);
  expect(await answer).toBeUndefined();
  expect(asked).toEqual(["/rooms/r/operations"]);
});
