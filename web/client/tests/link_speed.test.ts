import { expect, test } from "vitest";
import { LinkSpeed, rate, type Flow } from "../src/link_speed";

const MBIT = 125_000;
/** `count` answers of 20 kB, one after the other over a link of so many Mbit/s. */
const flows = (megabits: number, count: number, from = 0): Flow[] => {
  const each = (20_000 / (megabits * MBIT)) * 1000;
  return Array.from({ length: count }, (_, index) => ({ start: from + index * each, end: from + (index + 1) * each, bytes: 20_000 }));
};

test("answers that come together share the link", () => {
  const one = (start: number): Flow => ({ start, end: start + 1000, bytes: MBIT });
  expect(rate([one(0), one(0), one(0)])).toBeCloseTo(3);
  expect(rate([one(0), one(500)])).toBeCloseTo(2 / 1.5);
});

test("a pause of the reader or of the server is not the link's", () => {
  expect(rate([...flows(20, 4, 0), ...flows(20, 4, 60_000)])).toBeCloseTo(20);
  expect(rate([])).toBeUndefined();
});

test.each([1, 4])("%d Mbit/s is a thin link", (megabits) => {
  const speed = new LinkSpeed(false);
  speed.observe(flows(megabits, 3));
  expect(speed.thin).toBe(false); // too little was seen
  speed.observe(flows(megabits, 3, 1000));
  expect(speed.thin).toBe(true);
});

test("many small answers over a good link do not make it thin, however slow the server", () => {
  const speed = new LinkSpeed(false);
  for (let second = 0; second < 30; second++) speed.observe(flows(40, 1, second * 1000));
  expect(speed.thin).toBe(false);
});

test("a link at the edge does not change its mind with each answer", () => {
  const speed = new LinkSpeed(false);
  let changes = 0;
  for (let at = 0; at < 60; at++) {
    const was = speed.thin;
    speed.observe(flows(at % 2 === 0 ? 5.5 : 7.5, 5, at * 400));
    if (speed.thin !== was) changes += 1;
  }
  expect(changes).toBeLessThanOrEqual(1);
});

test("a link that has become wide is believed after a while, and what was before is forgotten", () => {
  const speed = new LinkSpeed(true);
  speed.observe(flows(30, 5));
  expect(speed.thin).toBe(true);
  speed.observe(flows(30, 20, 1000));
  expect(speed.thin).toBe(false);
});

test("answers without a body say nothing", () => {
  const speed = new LinkSpeed(false);
  speed.observe(Array.from({ length: 500 }, (_, at) => ({ start: at, end: at + 1, bytes: 300 })));
  expect(speed.thin).toBe(false);
});
