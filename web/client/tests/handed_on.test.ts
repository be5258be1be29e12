import { beforeEach, afterEach, expect, test, vi } from "vitest";
import { handedOn, handOn, led, used } from "../src/handed_on";
import type { Item } from "../src/messages";

const ITEMS: readonly Item[] = [{ id: "aaaaaaaa", label: "Decisions", slide: "", minutes: 0 }];

/** What this tab keeps. */
let kept: Map<string, string>;

const signedIn = (person: string): void => void vi.stubGlobal("document", { documentElement: { dataset: { person } } });

beforeEach(() => {
  kept = new Map();
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => kept.set(key, text),
    removeItem: (key: string) => kept.delete(key),
  });
  signedIn("Ines");
});
afterEach(() => vi.unstubAllGlobals());

test("whoever leads a board on leads in the next room, with what is still to come", () => {
  handOn("second", ITEMS);
  expect(handedOn("second")).toEqual({ leads: true, items: ITEMS });
});

test("they lead into it once: loaded again, the page has the agenda still, and takes nothing from whom it was handed to", () => {
  handOn("second", ITEMS);
  led();
  expect(handedOn("second")).toEqual({ leads: false, items: ITEMS });
  expect(handedOn("second")).toEqual({ leads: false, items: ITEMS });
});

test("with nothing still to come it is used up at once", () => {
  handOn("second", []);
  expect(handedOn("second")).toEqual({ leads: true, items: [] });
  led();
  expect(kept.size).toBe(0);
  led();
  expect(handedOn("second")).toBeUndefined();
});

test("an agenda that was carried is not carried again", () => {
  handOn("second", ITEMS);
  led();
  used();
  expect(handedOn("second")).toBeUndefined();
});

test.each([
  ["Ines", "third"],
  ["Claire", "second"],
])("%s in the %s room was led by nobody, and then it is gone", (person, room) => {
  handOn("second", ITEMS);
  signedIn(person);
  expect(handedOn(room)).toBeUndefined();
  expect(kept.size).toBe(0);
});
