import { expect, test } from "vitest";
import type { Fact, Member } from "../src/messages";
import { Participants } from "../src/participants";

const member = (person: string, name = `Dr ${person}`, whom = "", following = true): Member => ({
  person, name, institution: "", colour: 0, streams: [1], following, whom, width: 0,
});
const INES = member("Ines");
const CLAIRE = member("Claire");

/** As Ines sees it; Claire presents. */
function room(...members: Member[]): Participants {
  const participants = new Participants("Ines", "Claire", 3);
  participants.present(members);
  return participants;
}
const fact = (kind: "asked" | "closed" | "withheld", actor: string, name: string): Fact => ({
  type: "fact", seq: 1, kind, body: {}, actor, name, at: "", op: "",
});

test("who follows and leaves the view has left it, whoever presents, until they present themselves", () => {
  const participants = room(INES, CLAIRE);
  expect(participants.role).toBe("following");
  participants.leave();
  expect(participants.role).toBe("left");
  participants.setPresenter("Ines", 4);
  expect(participants.role).toBe("presenting");
  participants.setPresenter("Claire", 5);
  expect(participants.role).toBe("left");
});

test.each([
  ["Claire", 3, undefined],
  ["Claire", 4, "epoch"],
  ["Ines", 4, "presenter"],
])("of %s presenting in epoch %d this is new: %s", (presenter, epoch, changed) => {
  const participants = room(INES, CLAIRE);
  expect(participants.setPresenter(presenter, epoch)).toBe(changed);
  expect([participants.presenter, participants.epoch]).toEqual([presenter, epoch]);
});

test("a presenter who is away presents still, and keeps their name", () => {
  const participants = room(INES, CLAIRE);
  expect(participants.presenting).toBe(CLAIRE);
  participants.present([INES]);
  expect(participants.presenting).toBeUndefined();
  expect(participants.presenter).toBe("Claire");
  expect(participants.nameOf("Claire")).toBe("Dr Claire");
});

test("the name of somebody connected is the one they have now, and of somebody never heard of there is none", () => {
  const participants = room(INES, CLAIRE);
  participants.heard(fact("asked", "Claire", "Dr C. Autrefois"));
  participants.heard(fact("asked", "Paul", "Dr Paul"));
  expect(["Claire", "Paul", "Zoe"].map((person) => participants.nameOf(person))).toEqual(["Dr Claire", "Dr Paul", "…"]);
});

test("others ever met are remembered in their order, oneself and withheld facts left out", () => {
  const participants = room(INES);
  participants.heard(fact("withheld", "", ""));
  expect(participants.met).toEqual([]);
  participants.heard(fact("asked", "Paul", "Dr Paul"));
  participants.present([INES, CLAIRE]);
  expect(participants.met).toEqual(["Dr Paul", "Dr Claire"]);
  expect(participants.others).toEqual([CLAIRE]);
});

test("who ended the room is known by the fact, by nothing else", () => {
  const participants = room(INES, CLAIRE);
  participants.heard(fact("asked", "Claire", "Dr Claire"));
  expect(participants.closer).toBeUndefined();
  participants.heard(fact("closed", "Claire", "Dr Claire"));
  expect(participants.closer).toEqual({ person: "Claire", name: "Dr Claire" });
});

test("who follows somebody who does not present watches them, and leaves and comes back to them", () => {
  const participants = room(INES, CLAIRE, member("Paul"));
  participants.follow("Paul");
  expect([participants.role, participants.leader]).toEqual(["watching", "Paul"]);
  participants.leave();
  expect([participants.role, participants.leader]).toEqual(["left", "Paul"]);
  participants.follow("");
  expect([participants.role, participants.leader]).toEqual(["following", "Claire"]);
  participants.follow("Claire");
  expect([participants.role, participants.whom]).toEqual(["following", ""]);
});

test("whom one watches begins to present: one follows on; oneself begins to present: one watches nobody", () => {
  const participants = room(INES, CLAIRE, member("Paul"));
  participants.follow("Paul");
  participants.setPresenter("Paul", 4);
  expect([participants.role, participants.whom]).toEqual(["following", ""]);
  participants.follow("Claire");
  participants.setPresenter("Ines", 5);
  participants.setPresenter("Paul", 6);
  expect([participants.role, participants.whom]).toEqual(["following", ""]);
});

test("those who watch one are known, and those who follow as one presents", () => {
  const paul = member("Paul", "Dr Paul", "Ines");
  const participants = room(INES, CLAIRE, paul, member("Zoe", "Dr Zoe", "Ines", false));
  expect(participants.watchers).toEqual([paul]);
  expect(participants.followedBy(CLAIRE)).toBeUndefined();
  participants.setPresenter("Ines", 4);
  expect(participants.watchers).toEqual([CLAIRE, paul]);
});

test("nobody may follow who is led by them, however long the way", () => {
  const participants = room(INES, CLAIRE, member("Paul", "Dr Paul", "Zoe"), member("Zoe", "Dr Zoe", "Ines"), member("Leo"));
  expect(["Ines", "Claire", "Paul", "Zoe", "Leo", "Nobody"].map((person) => participants.mayFollow(person))).toEqual(
    [false, true, false, false, true, false],
  );
});

test("of those who began to follow each other at once one stops", () => {
  const participants = room(INES, CLAIRE, member("Alma", "Dr Alma", "Ines"));
  expect(participants.mustStop).toBe(false);
  participants.follow("Alma");
  expect(participants.mustStop).toBe(true);
  const other = new Participants("Alma", "Claire", 3);
  other.present([member("Ines", "Dr Ines", "Alma"), CLAIRE, member("Alma")]);
  other.follow("Ines");
  expect(other.mustStop).toBe(false);
});

test("whoever comes back, on another connection, is where they were in the list", () => {
  const people = (...members: Member[]): string[] => {
    participants.present(members);
    return participants.members.map(({ person }) => person);
  };
  const participants = room(INES, CLAIRE);
  expect(people(CLAIRE, member("Paul"), INES)).toEqual(["Ines", "Claire", "Paul"]);
  expect(people(member("Paul"), INES)).toEqual(["Ines", "Paul"]);
  expect(people(member("Paul"), INES, CLAIRE)).toEqual(["Ines", "Claire", "Paul"]);
});

test("who ended the room is not known any more once its facts began anew; names are", () => {
  const participants = room(INES);
  participants.heard(fact("closed", "Claire", "Dr Claire"));
  participants.reset();
  expect(participants.closer).toBeUndefined();
  expect(participants.nameOf("Claire")).toBe("Dr Claire");
});
