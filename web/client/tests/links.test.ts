import { expect, test } from "vitest";
import { besideDelay, Links, PATIENCE_MS, type Step } from "../src/links";

const did = (steps: readonly Step[]): string[] =>
  steps.map((step) => (step.do === "tell" ? step.state : step.do === "blocked" ? "blocked" : `${step.do} ${step.link}`));

/** Looks every 100 ms from `from` to `until`; what was done, and when. */
const watched = (links: Links, from: number, until: number, random = 0): [number, string][] => {
  const all: [number, string][] = [];
  for (let now = from; now <= until; now += 100) for (const step of did(links.look(now, random))) all.push([now, step]);
  return all;
};

const welcomed = (): Links => {
  const links = new Links();
  links.start(0);
  links.told(250);
  expect(did(links.welcomed(1, 20))).toEqual(["use 1", "open"]);
  links.look(50, 0);
  return links;
};

test("a socket that was cut is followed by another at once, then with pauses that grow and vary", () => {
  const links = welcomed();
  expect(did(links.closed(1, 1006, 5000, 0.5))).toEqual(["reconnecting"]);
  expect(links.pause(5000, 100)).toBe(0);
  expect(did(links.look(5000, 0.5))).toEqual(["open 2"]);
  expect(did(links.closed(2, 1006, 5010, 0.5))).toEqual(["reconnecting"]);
  expect(links.look(5010, 0.5)).toEqual([]);
  expect(links.pause(5010, 1000)).toBe(30);
  expect(did(links.look(5040, 0.5))).toEqual(["open 3"]);
  expect(did(links.welcomed(3, 5200))).toEqual(["use 3", "open"]);
});

test("a socket that is closed right after its welcome counts as a failure", () => {
  const links = welcomed();
  links.closed(1, 1012, 30, 0);
  expect(links.pause(30, 1000)).toBe(10);
});

test("three handshakes that fail in a row: another way is tried", () => {
  const links = new Links();
  links.start(0);
  expect(did(links.closed(1, 1006, 10, 0))).toEqual(["reconnecting"]);
  links.look(1000, 0);
  expect(did(links.closed(2, 1006, 1010, 0))).toEqual(["reconnecting"]);
  links.look(3000, 0);
  expect(did(links.closed(3, 1006, 3010, 0))).toEqual(["reconnecting", "blocked"]);
  links.end();
  expect(watched(links, 3100, 20_000)).toEqual([]);
  links.again(20_000, 0);
  expect(watched(links, 20_000, 20_400)).toEqual([[20_100, "open 4"]]);
});

test("a server that opens and does not come to welcome is waited for longer and longer, and is not taken for a blocked network", () => {
  const links = new Links();
  links.start(0);
  const opened: number[] = [];
  for (let now = 0; now < 60_000; now += 100) {
    for (const step of links.look(now, 0)) {
      expect(step.do).not.toBe("blocked");
      if (step.do === "open") {
        opened.push(now);
        links.answered(step.link);
      }
    }
    if (now === 0) links.answered(1);
  }
  expect(opened.map((at) => Math.round(at / 1000))).toEqual([4, 12, 28, 44]);
});

test("after 1.2 s without a byte a second one is opened beside, and whoever is welcomed first stays", () => {
  const links = welcomed();
  links.heard(1, 1000);
  expect(watched(links, 1000, 2300)).toEqual([[2300, "open 2"], [2300, "reconnecting"]]);
  expect(links.inUse).toBe(1);
  expect(did(links.welcomed(2, 2350))).toEqual(["use 2", "drop 1", "open"]);
  expect(links.known(1)).toBe(false);
  expect(links.closed(1, 1006, 2400, 0)).toEqual([]);
});

test("the second one fails, and the first one speaks again: the page hears of it", () => {
  const links = welcomed();
  links.heard(1, 1000);
  watched(links, 1000, 2300);
  expect(links.closed(2, 1006, 2350, 0)).toEqual([]);
  expect(did(links.heard(1, 2500))).toEqual(["open"]);
  expect(links.heard(1, 2600)).toEqual([]);
});

test("a retransmission: the first one speaks again, and the second is dropped", () => {
  const links = welcomed();
  links.heard(1, 1000);
  watched(links, 1000, 2300);
  expect(did(links.heard(1, 2500))).toEqual(["drop 2", "open"]);
  expect(links.welcomed(2, 2510)).toEqual([]);
  expect(links.inUse).toBe(1);
});

test("a bad link makes no storm: four seconds between second sockets, then more and more, up to thirty", () => {
  const links = welcomed();
  const opened: number[] = [];
  // It stalls 1.5 s out of 1.6.
  for (let now = 1000; now < 200_000; now += 100) {
    if (now % 1600 < 100) links.heard(1, now);
    for (const step of links.look(now, 0.999)) if (step.do === "open") opened.push(now);
  }
  const gaps = opened.slice(1).map((at, index) => at - opened[index]!);
  expect(gaps[0]).toBeGreaterThanOrEqual(4000);
  expect(gaps[1]).toBeGreaterThan(6000);
  expect(gaps[3]).toBeGreaterThan(25_000);
  expect(Math.max(...gaps)).toBeLessThan(33_000);
  expect(opened.length).toBeLessThan(12);
  expect(besideDelay(1, 0.9)).toBe(PATIENCE_MS);
  expect(besideDelay(9, 0)).toBe(PATIENCE_MS);
});

test("a silence after a calm minute is again the first one", () => {
  const links = welcomed();
  for (let now = 1000; now < 20_000; now += 100) links.look(now, 0.999); // nothing is heard at all
  links.heard(1, 20_000);
  for (let now = 20_000; now < 120_000; now += 100) {
    links.heard(1, now);
    links.look(now, 0.999);
  }
  const silent = watched(links, 120_000, 126_000, 0.999).filter(([, step]) => step.startsWith("open "));
  expect(silent.map(([at]) => at)).toEqual([121_200, 125_200]);
});

test("there are never more than two, and one that is not welcomed in four seconds gives way to another", () => {
  const links = welcomed();
  let open = 1;
  for (let now = 100; now < 60_000; now += 100) {
    for (const step of links.look(now, 0)) open += step.do === "open" ? 1 : step.do === "drop" ? -1 : 0;
    expect(open).toBeLessThanOrEqual(2);
  }
  expect(open).toBe(2);
});

test("a second one that fails while nothing was heard for long: the network is away, and both go", () => {
  const links = welcomed();
  watched(links, 100, 5600);
  expect(did(links.closed(3, 1006, 5600, 0))).toEqual(["drop 1", "reconnecting"]);
  expect(watched(links, 5600, 5800)).toEqual([[5700, "open 4"]]);
});

test("asked to go, it opens another one and lets the old one serve until then; nothing is said of it", () => {
  const links = welcomed();
  links.goaway(1, 300, 1000);
  expect(watched(links, 1000, 1299)).toEqual([]);
  expect(watched(links, 1300, 1300)).toEqual([[1300, "open 2"]]);
  expect(links.heard(1, 1350)).toEqual([]);
  expect(links.inUse).toBe(1);
  expect(did(links.welcomed(2, 1400))).toEqual(["use 2", "drop 1", "open"]);
});

test("asked to go, it tries again when the next one is not there yet, and comes back when the old one ends", () => {
  const links = welcomed();
  links.goaway(1, 0, 1000);
  links.look(1000, 0);
  expect(links.closed(2, 1006, 1010, 0)).toEqual([]);
  links.heard(1, 1015);
  expect(watched(links, 1015, 1115)).toEqual([[1115, "open 3"]]);
  expect(did(links.closed(1, 1012, 1200, 0))).toEqual(["reconnecting"]);
  expect(did(links.welcomed(3, 1250))).toEqual(["use 3", "open"]);
});

test("what has a gap is begun anew beside", () => {
  const links = welcomed();
  expect(did(links.doubted(500))).toEqual(["open 2", "reconnecting"]);
  expect(links.doubted(510)).toEqual([]);
  expect(links.heard(1, 520)).toEqual([]);
  expect(did(links.welcomed(2, 550))).toEqual(["use 2", "drop 1", "open"]);
});

test("who was asleep hears first what came meanwhile", () => {
  const links = welcomed();
  expect(links.look(60_000, 0)).toEqual([]);
  expect(did(links.look(60_100, 0))).toEqual(["open 2", "reconnecting"]);
});

test("a hidden page looks rarely, and still notices", () => {
  const links = welcomed();
  links.heard(1, 1000);
  expect(links.look(60_000, 0)).toEqual([]);
  expect(did(links.look(120_000, 0))).toEqual(["open 2", "reconnecting"]);
});

test("when the network is back nobody waits", () => {
  const links = welcomed();
  links.closed(1, 1006, 2000, 0);
  links.look(2000, 0);
  links.closed(2, 1006, 2001, 0.9);
  links.hurry(2002);
  expect(did(links.look(2002, 0))).toEqual(["open 3"]);
});
