import { expect, test } from "vitest";
import { Agenda } from "../src/agenda";
import type { Fact, Item } from "../src/messages";
import { Onward, roomsIn, stillToCome } from "../src/onward";

const ONE = "0123456789abcdefghjkmnpqrs";
const OTHER = "tvwxyz0123456789abcdefghjk";
const HEAD = { type: "fact", actor: "Claire", name: "Dr Claire", at: "2026-11-23T10:00:00Z", op: "" } as const;
const onward = (seq: number, room: string, item = ""): Fact => ({ ...HEAD, seq, kind: "onward", body: { room, item, before: "" } });

test.each<Fact>([
  { ...HEAD, seq: 9, kind: "slide", body: { slide: "s1", epoch: 2 } },
  { ...HEAD, seq: 9, kind: "item", body: { item: "i1", slide: "", epoch: 2, before: "" } },
  { ...HEAD, seq: 9, kind: "presenter", body: { presenter: "Paul", epoch: 2, before: "Claire" } },
  { ...HEAD, seq: 9, kind: "gathered", body: { epoch: 2 } },
])("the way on is offered until the room goes on by itself: $kind", (fact) => {
  const state = new Onward();
  state.heard(onward(5, ONE));
  state.heard({ ...HEAD, seq: 6, kind: "asked", body: {} });
  expect(state.way).toEqual({ seq: 5, room: ONE, actor: "Claire", name: "Dr Claire" });
  state.heard(onward(7, OTHER));
  expect(state.way?.room).toBe(OTHER);
  state.heard(fact);
  expect(state.way).toBeUndefined();
});

test("nothing leads on any more once the room's facts began anew without it", () => {
  const state = new Onward();
  state.heard(onward(5, ONE));
  state.reset();
  expect(state.way).toBeUndefined();
});

test.each([
  ["", []],
  [`https://telepath.example/rooms/${ONE}`, [ONE]],
  [`https://telepath.example/rooms/${ONE}?x=1#2,3`, [ONE]],
  [ONE, [ONE]],
  [`1. https://telepath.example/rooms/${ONE}\n2. https://telepath.example/rooms/${OTHER}\n${ONE}`, [ONE, OTHER]],
  [`https://telepath.example/cases/${ONE}`, []],
  [`https://telepath.example/rooms/${ONE}0`, []],
  ["Cas 3, marges", []],
])("rooms are found in what is pasted: %s", (text, rooms) => {
  expect(roomsIn(text)).toEqual(rooms);
});

test("what is still to come goes along, but for the slides of the case that is left", () => {
  const item = (id: string, more: Partial<Item> = {}): Item => ({ id, label: id, slide: "", minutes: 5, ...more });
  const agenda = new Agenda();
  agenda.welcomed({ items: [item("a", { slide: "s1" }), item("b", { room: ONE }), item("c", { slide: "s2" }), item("d"), item("e", { room: OTHER })], now: "a" });
  agenda.heard(onward(3, ONE, "b"));
  expect(agenda.now?.id).toBe("b");
  expect(stillToCome(agenda, ONE).map(({ id }) => id)).toEqual(["d", "e"]);
  agenda.heard(onward(4, OTHER));
  expect(agenda.now?.id).toBe("b");
  expect(stillToCome(agenda, OTHER).map(({ id }) => id)).toEqual(["d"]);
});
