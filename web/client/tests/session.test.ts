import { expect, test, vi } from "vitest";
import type { View } from "../src/geometry";
import { WAITING } from "../src/held";
import { CLOSED, type Act, type ClientMessage } from "../src/messages";
import { Session, SESSION_ENDED, type SessionEvents } from "../src/session";
import { silent } from "./silent";
import { browser, last, nothing, Socket } from "./socket";

browser();

/** Of Ines, and what it told her page. */
function session(): { session: Session; states: [string, number][]; refused: [string, Act | undefined][] } {
  const states: [string, number][] = [];
  const refused: [string, Act | undefined][] = [];
  const on: SessionEvents = {
    welcome: nothing, fact: nothing, presence: nothing, frame: nothing, presented: nothing, linked: nothing,
    refused: ({ code }, act) => refused.push([code, act]),
    state: (state, code) => states.push([state, code]),
  };
  const made = new Session("r", "Ines", on);
  made.start();
  return { session: made, states, refused };
}

test("what waits for the link goes out when the same person is welcomed again", () => {
  const { session: ines } = session();
  last().welcome("Ines");
  last().cut(1006);
  ines.act({ kind: "ask" }, "aaaaaaaa");
  vi.advanceTimersByTime(200);
  expect(Socket.all).toHaveLength(2);
  last().welcome("Ines");
  expect(last().operations).toEqual([{ type: "op", id: "aaaaaaaa", act: { kind: "ask" } }]);
});

test("what waits for the link never goes out as somebody else, who signed in at this browser meanwhile", () => {
  const { session: ines, states } = session();
  last().welcome("Ines");
  ines.follow(false);
  last().cut(1006);
  ines.act({ kind: "say", text: "Grade 2", view: null, slide: "" }, "aaaaaaaa");
  vi.advanceTimersByTime(200);
  last().welcome("Claire");
  vi.advanceTimersByTime(60_000);
  expect(Socket.all).toHaveLength(2);
  expect(last().sent.map((one) => (JSON.parse(one as string) as ClientMessage).type)).toEqual(["hello"]);
  expect(states.at(-1)).toEqual(["ended", SESSION_ENDED]);
});

test("who is to say whether the room is still there may say nothing: then the room is tried again", async () => {
  const { session: ines, states } = session();
  last().welcome("Ines");
  ines.act({ kind: "ask" }, "aaaaaaaa");
  const asked = silent();
  last().cut(SESSION_ENDED);
  await vi.advanceTimersByTimeAsync(8000);
  expect(asked).toEqual(["/rooms/r"]);
  expect(states.at(-1)).toEqual(["reconnecting", 0]);
  last().welcome("Ines");
  expect(last().operations).toHaveLength(1);
});

const say = (text: string): Act => ({ kind: "say", text, view: null, slide: "" });

test("what is refused is told with what it was: a line is written for nothing otherwise", () => {
  const { session: ines, refused } = session();
  last().welcome("Ines");
  ines.act(say("Grade 2"), "aaaaaaaa");
  last().says({ type: "refused", op: "aaaaaaaa", code: "error-room-closed", params: {} });
  expect(refused).toEqual([["error-room-closed", say("Grade 2")]]);
});

test("so is what does not go into the queue", () => {
  const { session: ines, refused } = session();
  for (let count = 0; count < WAITING; count += 1) expect(ines.act({ kind: "ask" })).toBe(true);
  expect(ines.act(say("Grade 2"))).toBe(false);
  expect(refused).toEqual([["error-room-waiting", say("Grade 2")]]);
});

test("lines that nobody heard when the room ended are known, in their order, and nothing is waited for any more", () => {
  const { session: ines } = session();
  last().welcome("Ines");
  for (const text of ["Grade 2", "Grade 3"]) ines.act(say(text));
  ines.act({ kind: "ask" });
  expect(ines.waiting).toBe(3);
  last().cut(CLOSED);
  expect(ines.unsaid).toEqual(["Grade 2", "Grade 3"]);
  expect(ines.waiting).toBe(0);
});

const VIEW: View = { x: 100, y: 100, width: 40, height: 30, rotation: 0, flip: false };

test("a field or a pointer of the slide before is not sent as one of the next", () => {
  const { session: ines } = session();
  last().welcome("Ines");
  ines.setViewport({ view: VIEW, plane: 0, channels: [] });
  ines.setPointer({ x: 1, y: 2 });
  ines.setEpoch(4);
  ines.flush();
  expect(last().frames.map(({ kind }) => kind)).toEqual(["viewport", "pointer"]);
  ines.setViewport({ view: VIEW, plane: 0, channels: [] });
  ines.setPointer({ x: 1, y: 2 });
  ines.setEpoch(5);
  ines.flush();
  expect(last().frames.map(({ kind }) => kind)).toEqual(["viewport", "pointer"]);
  // That it has left has no place on any.
  ines.setPointer(null);
  ines.setEpoch(6);
  ines.flush();
  expect(last().frames.at(-1)).toMatchObject({ kind: "pointer", gone: true, epoch: 6 });
});

test("nor when the slide was changed while the link was cut", () => {
  const { session: ines } = session();
  last().welcome("Ines");
  last().cut(1006);
  ines.setViewport({ view: VIEW, plane: 0, channels: [] });
  vi.advanceTimersByTime(200);
  last().welcome("Ines", { epoch: 5 });
  ines.flush();
  expect(last().frames).toEqual([]);
});

test("nor when a restored room came to the same epoch by another way", () => {
  const { session: ines } = session();
  last().welcome("Ines");
  last().cut(1006);
  ines.setViewport({ view: VIEW, plane: 0, channels: [] });
  ines.setPointer({ x: 1, y: 2 });
  vi.advanceTimersByTime(200);
  last().welcome("Ines", { mode: "reset" });
  ines.flush();
  expect(last().frames).toEqual([]);
});

test("what waits for its answer is known by its operation", () => {
  const { session: ines } = session();
  last().welcome("Ines");
  ines.act(say("Grade 2"), "aaaaaaaa");
  expect([ines.waitsFor("aaaaaaaa"), ines.waitsFor("bbbbbbbb")]).toEqual([true, false]);
  last().says({ type: "ack", op: "aaaaaaaa", seq: 1 });
  expect(ines.waitsFor("aaaaaaaa")).toBe(false);
});
