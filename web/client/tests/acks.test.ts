import { expect, test } from "vitest";
import { Acks } from "../src/acks";

test("an ack waits a second from the first message that it counts", () => {
  const acks = new Acks();
  expect(acks.came(40, 1000)).toBe(2000);
  expect(acks.came(40, 1100)).toBe(2000);
  expect(acks.came(40, 2050)).toBe(2000);
  expect(acks.record(2052)).toEqual({ kind: "ack", received: 3, held: 2 });
  expect(acks.record(2052)).toBeUndefined();
  expect(acks.came(40, 3000)).toBe(4000);
});

test("for a large message it waits a quarter of a second", () => {
  const acks = new Acks();
  expect(acks.came(40, 1000)).toBe(2000);
  expect(acks.came(256, 1100)).toBe(1350);
  expect(acks.came(40, 1200)).toBe(1350);
  expect(acks.came(256, 1200)).toBe(1350);
  acks.record(1350);
  expect(acks.came(40, 1400)).toBe(2400);
  expect(acks.came(256, 2300)).toBe(2400);
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
  expect(acks.came(2047, 100)).toBe(350);
  expect(acks.came(1, 120)).toBe(120);
  acks.record(120);
  expect(acks.came(40, 130)).toBe(1130);
});

test("sixty frames a second are about one ack", () => {
  const acks = new Acks();
  let sent = 0;
  for (let now = 0; now < 10_000; now += 1000 / 60) {
    if (acks.came(36, now) > now) continue;
    acks.record(now);
    sent += 1;
  }
  expect(sent).toBeLessThanOrEqual(11);
});
