import { expect, test } from "vitest";
import { Agenda } from "../src/agenda";
import { happened } from "../src/happened";
import type { Fact } from "../src/messages";
import { Participants } from "../src/participants";

/** The sentence's name with what it is told, in place of its words. */
const words = (id: string, values: object = {}): string => [id, ...Object.values(values)].join(" | ");
const HEAD = { type: "fact", seq: 1, actor: "Claire", name: "Dr Claire", at: "2026-11-23T10:00:00Z", op: "" } as const;
const SLIDES = [{ id: "s1", label: "A1 HES" }, { id: "s2", label: "" }];
const ITEMS = [{ id: "marges12", label: "Marges", slide: "", minutes: 5 }];

test.each<[Fact, string | undefined]>([
  [{ ...HEAD, kind: "presenter", body: { presenter: "Claire", epoch: 2, before: "Ines" } }, "rooms-took | Dr Claire"],
  [{ ...HEAD, kind: "slide", body: { slide: "s1", epoch: 2 } }, "rooms-slide-changed | Dr Claire | A1 HES"],
  [{ ...HEAD, kind: "slide", body: { slide: "s2", epoch: 2 } }, "rooms-slide-changed | Dr Claire | viewer-slide-unnamed"],
  [{ ...HEAD, kind: "gathered", body: { epoch: 2 } }, "rooms-gathered | Dr Claire"],
  [{ ...HEAD, kind: "agenda", body: { items: ITEMS } }, "rooms-agenda-told | Dr Claire"],
  [{ ...HEAD, kind: "item", body: { item: "marges12", slide: "", epoch: 2, before: "" } }, "rooms-agenda-at | Marges"],
  // The agenda is not for everybody: a guest does not read what it says.
  [{ ...HEAD, kind: "item", body: { item: "unknown1", slide: "", epoch: 2, before: "" } }, undefined],
  [{ ...HEAD, kind: "onward", body: { room: "r2", item: "", before: "" } }, "rooms-onward | Dr Claire"],
  [{ ...HEAD, kind: "asked", body: {} }, undefined],
])("%j", (fact, line) => {
  const participants = new Participants("Ines", "Claire", 2);
  const agenda = new Agenda();
  agenda.welcomed({ items: ITEMS, now: "" });
  participants.heard(fact);
  agenda.heard(fact);
  expect(happened(words, fact, participants, agenda, SLIDES)).toBe(line);
});
