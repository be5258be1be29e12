import { expect, test } from "vitest";
import { Gathering } from "../src/gathering";
import type { Member } from "../src/messages";
import { Participants } from "../src/participants";

const member = (person: string, following: boolean, whom = ""): Member => ({
  person, name: `Dr ${person}`, institution: "", colour: 0, streams: [1], following, whom, width: 0,
});
const names = (members: readonly Member[]): string => members.map((one) => one.person).join(" ");

test("those who look elsewhere are asked, and each who comes is seen to have come", () => {
  const participants = new Participants("Ines", "Ines", 1);
  participants.present([member("Ines", true), member("Claire", true), member("Paul", false), member("Zoe", true, "Claire")]);
  const gathering = new Gathering(participants);
  expect(names(gathering.state(participants).away)).toBe("Paul Zoe");

  participants.present([member("Ines", true), member("Claire", false), member("Paul", true), member("Zoe", true, "Claire")]);
  const { came, away } = gathering.state(participants);
  expect([names(came), names(away)]).toEqual(["Paul", "Zoe"]);

  participants.present([member("Ines", true), member("Paul", true)]);
  expect(names(gathering.state(participants).away)).toBe("");
});
