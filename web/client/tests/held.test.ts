import { expect, test } from "vitest";
import { Held } from "../src/held";
import type { Fact, Welcome } from "../src/messages";

const said = (seq: number, op = `op-${seq}`): Fact => ({
  type: "fact", seq, kind: "said", body: { text: "x", view: null, slide: "s", line: "l" }, actor: "p", name: "Dr", at: "", op,
});
const welcome = (seq: number, facts: Fact[], mode: "replay" | "reset" = "replay"): Welcome => ({
  type: "welcome", protocol: 3, room: "r", you: 1, members: [], presenter: "p", epoch: 4, slide: "s", seq, mode, facts, frames: "", at: 0, every: 1000, agenda: null,
});

test("facts come once and in order", () => {
  const held = new Held();
  held.welcome(welcome(2, [said(1), said(2)]));
  expect(held.fact(said(3))).toBe("next");
  expect(held.fact(said(3))).toBe("known");
  expect(held.fact(said(5))).toBe("gap");
  expect(held.lastSeq).toBe(3);
});

test("a new socket says where we are and repeats what was not answered", () => {
  const held = new Held();
  held.welcome(welcome(7, []));
  held.operation("aaaaaaaa", { kind: "ask" });
  held.operation("bbbbbbbb", { kind: "close" });
  held.answered("aaaaaaaa");
  expect(held.hello()).toEqual([
    { type: "hello", protocol: 3, last_seq: 7, epoch: 4 },
    { type: "op", id: "bbbbbbbb", act: { kind: "close" } },
  ]);
});

test("an operation whose fact arrived needs no repetition, even without its acknowledgement", () => {
  const held = new Held();
  held.operation("aaaaaaaa", { kind: "ask" });
  held.welcome(welcome(1, [said(1, "aaaaaaaa")]));
  expect(held.unanswered).toEqual([]);
});

test("a reset forgets what was held", () => {
  const held = new Held();
  held.welcome(welcome(90, []));
  expect(held.welcome(welcome(12, [said(11), said(12)], "reset")).map((fact) => fact.seq)).toEqual([11, 12]);
  expect(held.lastSeq).toBe(12);
});

test("a tick ahead of us for more than two seconds means a lost message", () => {
  const held = new Held();
  held.welcome(welcome(3, []));
  expect(held.lost(4, 1000)).toBe(false);
  expect(held.lost(4, 2900)).toBe(false);
  expect(held.lost(4, 3100)).toBe(true);
  held.fact(said(4));
  expect(held.lost(4, 9000)).toBe(false);
});
