import { expect, test } from "vitest";
import { Acks } from "../src/acks";

test("an ack waits a quarter of a second from the first message that it counts", () => {
  const acks = new Acks();
  expect(acks.came(40, 1000)).toBe(250);
  expect(acks.came(40, 1100)).toBe(150);
  expect(acks.came(40, 1300)).toBe(0);
  expect(acks.record(1302)).toEqual({ kind: "ack", received: 3, held: 2 });
  expect(acks.record(1302)).toBeUndefined();
});

test("it says how long it was held back", () => {
  const acks = new Acks();
  acks.came(40, 1000);
  acks.came(40, 1080);
  expect(acks.record(1250)).toEqual({ kind: "ack", received: 2, held: 170 });
  acks.came(40, 2000);
  expect(acks.record(99_000)!.held).toBe(65535);
});

test("much is acknowledged at once", () => {
  const acks = new Acks();
  expect(acks.came(2047, 0)).toBe(250);
  expect(acks.came(1, 0)).toBe(0);
  acks.record(0);
  expect(acks.came(40, 10)).toBe(250);
});

test("hundreds of frames a second are four acks", () => {
  const acks = new Acks();
  let sent = 0;
  for (let now = 0; now < 1000; now += 20) {
    if (acks.came(36, now) > 0) continue;
    acks.record(now);
    sent += 1;
  }
  expect(sent).toBeLessThanOrEqual(4);
});
