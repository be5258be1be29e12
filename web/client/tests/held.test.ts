import { expect, test } from "vitest";
import { Held, WAITING } from "../src/held";
import { PROTOCOL, type Fact, type Welcome } from "../src/messages";

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

test("a new socket says where we are, and repeats after its welcome what was not answered", () => {
  const held = new Held();
  held.welcome(welcome(7, []));
  held.operation("aaaaaaaa", { kind: "ask" });
  held.operation("bbbbbbbb", { kind: "close" });
  expect(held.next(0)?.id).toBe("aaaaaaaa");
  expect(held.hello()).toEqual({ type: "hello", protocol: PROTOCOL, last_seq: 7, epoch: 4 });
  held.welcome(welcome(7, []));
  expect(held.next(10)?.id).toBe("aaaaaaaa");
  held.answered("aaaaaaaa");
  expect(held.next(20)).toEqual({ type: "op", id: "bbbbbbbb", act: { kind: "close" } });
});

test("operations go out one after the other, in their order", () => {
  const held = new Held();
  const sent: string[] = [];
  for (const id of ["aaaaaaaa", "bbbbbbbb", "cccccccc"]) expect(held.operation(id, { kind: "ask" })).toBe(true);
  for (let now = 0; held.unanswered > 0; now += 1) {
    const operation = held.next(now);
    if (operation === undefined) continue;
    sent.push(operation.id);
    expect(held.next(now)).toBeUndefined();
    held.answered(operation.id);
  }
  expect(sent).toEqual(["aaaaaaaa", "bbbbbbbb", "cccccccc"]);
});

test("what could not be done now is sent again after a pause, before everything else", () => {
  const held = new Held();
  held.operation("aaaaaaaa", { kind: "ask" });
  held.operation("bbbbbbbb", { kind: "close" });
  held.next(0);
  held.later(10, 400);
  held.fact(said(1, "somebody else's"));
  expect(held.next(409)).toBeUndefined();
  expect(held.next(410)?.id).toBe("aaaaaaaa");
});

test("what nobody answers is sent again", () => {
  const held = new Held();
  held.operation("aaaaaaaa", { kind: "ask" });
  held.next(0);
  expect(held.next(4999)).toBeUndefined();
  expect(held.next(5000)?.id).toBe("aaaaaaaa");
});

test("a queue that is full takes no more", () => {
  const held = new Held();
  for (let count = 0; count < WAITING; count += 1) expect(held.operation(`operation-${count}`, { kind: "ask" })).toBe(true);
  expect(held.operation("one too many", { kind: "ask" })).toBe(false);
  held.answered("operation-0");
  expect(held.operation("one more", { kind: "ask" })).toBe(true);
});

test("an operation whose fact arrived needs no repetition, even without its acknowledgement", () => {
  const held = new Held();
  held.operation("aaaaaaaa", { kind: "ask" });
  held.welcome(welcome(1, [said(1, "aaaaaaaa")]));
  expect(held.unanswered).toBe(0);
});

test("a welcome that was written before what came on the other connection is not taken", () => {
  const held = new Held();
  held.welcome(welcome(3, []));
  held.fact(said(4));
  expect(held.older(welcome(3, []))).toBe(true);
  expect(held.older(welcome(4, []))).toBe(false);
  expect(held.older(welcome(2, [], "reset"))).toBe(false);
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
