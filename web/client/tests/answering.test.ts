import { expect, test } from "vitest";
import { Answering, type Answer } from "../src/answering";

const ANSWER: Answer = {
  of: 1, field: 7, view: { x: 500, y: 500, width: 200, height: 100, rotation: 0, flip: false }, usable: false, sharp: false, reduced: false,
};

test("the first answer goes out at once, the same one never again", () => {
  const answering = new Answering();
  expect(answering.due(ANSWER, 1000)).toBe(0);
  expect(answering.due({ ...ANSWER, view: { ...ANSWER.view, x: 500.4 } }, 9000)).toBeUndefined();
});

test("what changes goes out an eighth of a second after the last one", () => {
  const answering = new Answering();
  answering.due(ANSWER, 1000);
  const sharp = { ...ANSWER, usable: true, sharp: true };
  expect(answering.due(sharp, 1050)).toBe(75);
  expect(answering.due(sharp, 1125)).toBe(0);
  expect(answering.due({ ...sharp, field: 8 }, 2000)).toBe(0);
  expect(answering.due({ ...sharp, field: 8, view: { ...ANSWER.view, width: 180 } }, 3000)).toBe(0);
});

test("on another connection all is said anew", () => {
  const answering = new Answering();
  answering.due(ANSWER, 1000);
  answering.forget();
  expect(answering.due(ANSWER, 1001)).toBe(0);
});
