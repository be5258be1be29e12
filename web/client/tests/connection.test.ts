import { readFileSync } from "node:fs";
import { beforeEach, expect, test, vi } from "vitest";
import { Connection } from "../src/connection";
import { Session } from "../src/session";
import { wordsFrom } from "../src/words";
import { browser, last, nothing } from "./socket";

browser();

/** An element, as far as the state of the link is shown in it. */
class Pill {
  readonly dataset: Record<string, string> = {};
  textContent = "";
  title = "";
}
let pill: Pill;

beforeEach(() => {
  pill = new Pill();
  vi.stubGlobal("HTMLElement", Pill);
  vi.stubGlobal("document", {
    addEventListener: nothing, hidden: false, documentElement: { lang: "fr" },
    querySelector: (selector: string) => (selector === "#link-state" ? pill : null),
  });
});

/** What the page says of the link of Ines, who has been welcomed. */
function connected(): Connection {
  const read = (language: string): string => readFileSync(new URL(`../../locale/${language}/rooms.ftl`, import.meta.url), "utf8");
  const connection = new Connection(wordsFrom({ fr: [read("fr")], en: [read("en")] }), { cut: nothing, ended: nothing });
  const session = new Session("r", "Ines", {
    welcome: nothing, fact: nothing, presence: nothing, frame: nothing, presented: nothing, refused: nothing,
    linked: (linked) => connection.linked(linked),
    state: (state, code) => connection.stateIs(state, code),
  });
  session.start();
  last().welcome("Ines");
  return connection;
}

const tick = (linked: boolean): void => last().says({ type: "tick", seq: 0, at: 0, linked, every: 1000 });
const LINKED = ["open", "En direct", ""];
const APART = ["apart", "En partie isolé", "Une partie des participants ne peut pas être jointe pour le moment."];
const said = (): string[] => [pill.dataset["state"]!, pill.textContent, pill.title];

test("while this node does not hear the others the page says so, and no longer than that", () => {
  connected();
  expect(said()).toEqual(LINKED);
  tick(false);
  expect(said()).toEqual(APART);
  tick(false);
  expect(said()).toEqual(APART);
  tick(true);
  expect(said()).toEqual(LINKED);
});

test("a link that is cut, and found again on a node that hears the others, is not said to be apart", () => {
  connected();
  tick(false);
  last().cut(1006);
  expect(pill.dataset["state"]).toBe("reconnecting");
  vi.advanceTimersByTime(200);
  last().welcome("Ines");
  expect(said()).toEqual(LINKED);
});
