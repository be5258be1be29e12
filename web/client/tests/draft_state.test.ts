import { expect, test } from "vitest";
import { acknowledged, begin, failed, keepMine, maySend, patience, sent, typed, unsaved } from "../src/draft_state";

const text = (conclusion: string): { conclusion: string } => ({ conclusion });

test("what is typed while a save is under way is saved by the next one", () => {
  let draft = sent(typed(begin(3, text("")), text("Adéno")));
  draft = typed(draft, text("Adénocarcinome"));
  expect(maySend(draft)).toBe(false);
  draft = acknowledged(draft, 4);
  expect(draft.version).toBe(4);
  expect(unsaved(draft)).toBe(true);
  expect(maySend(draft)).toBe(true);
});

test("a failed save loses nothing and is tried later and later, up to half a minute", () => {
  let draft = typed(begin(1, text("")), text("x"));
  for (let i = 0; i < 9; i++) draft = failed(sent(draft));
  expect(unsaved(draft)).toBe(true);
  expect(patience(draft)).toBe(30_000);
});

test("after a conflict one's own text stands on the version that came first", () => {
  const draft = keepMine(failed(sent(typed(begin(1, text("")), text("mine")))), 7, text("theirs"));
  expect(draft.version).toBe(7);
  expect(draft.text).toEqual(text("mine"));
  expect(unsaved(draft)).toBe(true);
});
