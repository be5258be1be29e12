import { expect, test } from "vitest";
import { Agenda, moved } from "../src/agenda";
import type { Fact, Item } from "../src/messages";

const item = (id: string, minutes = 0): Item => ({ id, label: `Point ${id}`, slide: "", minutes });
const ITEMS = [item("a", 5), item("b"), item("c", 10)];
const HEAD = { type: "fact", seq: 1, actor: "Claire", name: "Dr Claire", op: "" } as const;
const at = (id: string, time: string): Fact => ({
  ...HEAD, at: time, kind: "item", body: { item: id, slide: "", epoch: 3, before: "" },
});

test("before the first point there is a next one, after the last there is none", () => {
  const agenda = new Agenda();
  agenda.welcomed({ items: ITEMS, now: "" });
  expect([agenda.place, agenda.now, agenda.next?.id]).toEqual([0, undefined, "a"]);
  agenda.heard(at("a", "2026-11-23T10:00:00Z"));
  expect([agenda.place, agenda.now?.id, agenda.next?.id]).toEqual([1, "a", "b"]);
  agenda.heard(at("c", "2026-11-23T10:05:00Z"));
  expect([agenda.place, agenda.next]).toEqual([3, undefined]);
});

test("the minutes of the point at hand run from when it was reached", () => {
  const agenda = new Agenda();
  agenda.welcomed({ items: ITEMS, now: "" });
  expect(agenda.minutes(Date.parse("2026-11-23T10:00:00Z"))).toBeUndefined();
  agenda.heard(at("a", "2026-11-23T10:00:00Z"));
  expect(agenda.minutes(Date.parse("2026-11-23T10:06:59Z"))).toBe(6);
  expect(agenda.minutes(Date.parse("2026-11-23T09:59:00Z"))).toBe(0);
});

test("a welcome says how far it is; since when, it need not say, and what is known of it stays", () => {
  const agenda = new Agenda();
  agenda.welcomed({ items: ITEMS, now: "b" });
  expect([agenda.now?.id, agenda.minutes(0)]).toEqual(["b", undefined]);
  agenda.welcomed({ items: ITEMS, now: "b", since: "2026-11-23T10:00:00Z" });
  agenda.welcomed({ items: ITEMS, now: "b" });
  expect(agenda.minutes(Date.parse("2026-11-23T10:03:00Z"))).toBe(3);
  agenda.welcomed(null);
  expect([agenda.items, agenda.now]).toEqual([[], undefined]);
});

test("who changes the agenda keeps the point at hand, unless it is taken away", () => {
  const agenda = new Agenda();
  agenda.welcomed({ items: ITEMS, now: "b" });
  const told = (items: readonly Item[]): Fact => ({ ...HEAD, at: "", kind: "agenda", body: { items } });
  agenda.heard(told([ITEMS[2]!, ITEMS[1]!]));
  expect([agenda.place, agenda.now?.id]).toEqual([2, "b"]);
  agenda.heard(told([ITEMS[0]!]));
  expect([agenda.place, agenda.next?.id]).toEqual([0, "a"]);
});

test.each([
  [0, 1, "bac"],
  [2, -1, "acb"],
  [2, 1, "abc"],
  [0, -1, "abc"],
])("moving %d by %d gives %s", (index, by, order) => {
  expect(moved(["a", "b", "c"], index, by).join("")).toBe(order);
});
