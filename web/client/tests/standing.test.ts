import { describe, expect, test } from "vitest";
import { CLOSED, type Member } from "../src/messages";
import { Participants } from "../src/participants";
import { aside, standing, standingOf, wayToPresent, whyEnded } from "../src/standing";

/** The sentence's name with what it is told, in place of its words. */
const words = (id: string, values: object = {}): string => [id, ...Object.values(values)].join(" | ");

const member = (person: string, following = true): Member => ({
  person, name: `Dr ${person}`, institution: "", colour: 0, streams: [1], following, whom: "", width: 0,
});
const INES = member("Ines");
const CLAIRE = member("Claire");
const INVITED = ["Dr Claire", "Dr Paul"];

/** As Ines sees it. */
function room(presenter: string, members: readonly Member[], following = true): Participants {
  const participants = new Participants("Ines", presenter, 1);
  participants.present(members);
  if (!following) participants.leave();
  return participants;
}

describe("where one stands", () => {
  test.each([
    ["rooms-following | Dr Claire", room("Claire", [INES, CLAIRE])],
    ["rooms-left | Dr Claire", room("Claire", [INES, CLAIRE], false)],
    ["rooms-waiting | …", room("Claire", [INES])],
    ["rooms-waiting | …", room("Claire", [INES], false)],
    ["rooms-presenting-alone | 2 | Dr Claire, Dr Paul", room("Ines", [INES])],
    ["rooms-presenting-followed | 1", room("Ines", [INES, CLAIRE])],
    ["rooms-presenting-followed | 1", room("Ines", [INES, CLAIRE, member("Paul", false)])],
    ["rooms-presenting-followed | 0", room("Ines", [INES, member("Claire", false)])],
  ])("%s", (sentence, participants) => {
    expect(standing(words, participants, false, false, INVITED)).toBe(sentence);
  });

  test("whoever presented has gone on to another room: that is what there is to know", () => {
    expect(standing(words, room("Claire", [INES]), false, true, INVITED)).toBe("rooms-onward-standing");
    expect(standing(words, room("Claire", [INES]), true, true, INVITED)).toBe("rooms-cut-following | …");
  });

  test("alone after others came, the presenter is told of whom they met last, not of the invited", () => {
    const participants = room("Ines", [INES, CLAIRE, member("Paul")]);
    participants.present([INES]);
    expect(standing(words, participants, false, false, INVITED)).toBe("rooms-presenting-left | Dr Paul");
  });

  test.each([
    ["rooms-cut-presenting | Dr Ines", room("Ines", [INES])],
    ["rooms-cut-following | Dr Claire", room("Claire", [INES, CLAIRE])],
    ["rooms-cut-left | Dr Claire", room("Claire", [INES, CLAIRE], false)],
  ])("with the link cut nothing else counts: %s", (sentence, participants) => {
    expect(standing(words, participants, true, false, INVITED)).toBe(sentence);
  });
});

describe("whom one watches who does not present", () => {
  const paul = member("Paul");
  const watching = (...members: Member[]): Participants => {
    const participants = room("Claire", members);
    participants.follow("Paul");
    return participants;
  };
  test.each([
    ["rooms-watching | Dr Paul", watching(INES, CLAIRE, paul), false],
    ["rooms-watching-gone | …", watching(INES, CLAIRE), false],
    ["rooms-cut-watching | Dr Paul", watching(INES, CLAIRE, paul), true],
  ])("%s", (sentence, participants, cut) => {
    expect(standing(words, participants, cut, false, INVITED)).toBe(sentence);
  });

  test("whose view was left is named, whoever presents", () => {
    const participants = watching(INES, CLAIRE, paul);
    participants.leave();
    expect(standing(words, participants, false, false, INVITED)).toBe("rooms-left | Dr Paul");
  });
});

describe("what stands beside it", () => {
  const watched = room("Claire", [INES, CLAIRE, { ...member("Paul"), whom: "Ines" }]);
  test.each([
    ["rooms-sharp | 1 | 2", room("Ines", [INES, CLAIRE, member("Paul")]), false],
    ["", room("Ines", [INES, member("Claire", false)]), false],
    ["rooms-watched | 1", watched, false],
    ["", room("Claire", [INES, CLAIRE]), false],
    ["rooms-waiting-to-go | 3", watched, true],
  ])("%s", (sentence, participants, cut) => {
    expect(aside(words, participants, cut, 1, 3)).toBe(sentence);
  });

  test("in a cut, without anything that waits, nothing does", () => {
    expect(aside(words, watched, true, 1, 0)).toBe("");
  });
});

test("of everybody it is said whom they follow", () => {
  const members = [INES, CLAIRE, member("Paul", false), { ...member("Zoe"), whom: "Ines" }, { ...member("Leo"), whom: "Zoe" }, member("Max")];
  const participants = room("Claire", members);
  expect(members.map(({ person }) => standingOf(words, participants, person))).toEqual([
    "rooms-status-following", "rooms-status-presenting", "rooms-status-away", "rooms-status-follows-you", "rooms-status-follows | Dr Zoe",
    "rooms-status-following",
  ]);
});

describe("how one comes to present", () => {
  const here = room("Claire", [INES, CLAIRE]);
  const away = room("Claire", [INES]);
  test.each([
    ["a presenter who is here is asked", here, false, true, "ask"],
    ["one who does not answer is not asked again", here, true, true, "take"],
    ["one who is away is not asked", away, false, true, "take"],
    ["where nothing can be taken, one who is here can still be asked", here, true, false, "ask"],
    ["where nothing can be taken, nobody is there to ask", away, false, false, undefined],
    ["who presents needs neither", room("Ines", [INES, CLAIRE]), false, true, undefined],
  ] as const)("%s", (_, participants, unanswered, canTake, way) => {
    expect(wayToPresent(participants, unanswered, canTake)).toBe(way);
  });
});

describe("why it ended", () => {
  test.each([
    [4401, "rooms-ended-session"],
    [4403, "rooms-ended-right"],
    [4999, "rooms-ended-protocol"],
    [CLOSED, "rooms-ended-closed"],
  ])("%d: %s", (code, sentence) => {
    expect(whyEnded(words, room("Claire", [INES, CLAIRE]), code)).toBe(sentence);
  });

  test("who closed the room is named, to others", () => {
    const participants = room("Claire", [INES, CLAIRE]);
    participants.closer = { person: "Claire", name: "Dr Claire" };
    expect(whyEnded(words, participants, CLOSED)).toBe("rooms-ended-closed-by | Dr Claire");
    expect(whyEnded(words, participants, 4403)).toBe("rooms-ended-right");
    participants.closer = { person: "Ines", name: "Dr Ines" };
    expect(whyEnded(words, participants, CLOSED)).toBe("rooms-ended-closed-you");
  });
});
