// Whoever presents asked everybody to come: who did, and who has not yet. Pure.

import type { Member } from "./messages";
import type { Participants } from "./participants";

/** For so long one may answer, and is waited for. */
export const GATHERING_MS = 20_000;

export class Gathering {
  private readonly asked: readonly Member[];

  /** Those who look elsewhere at that moment are asked. */
  constructor(participants: Participants) {
    this.asked = participants.others.filter((member) => participants.followedBy(member) !== participants.me);
  }

  /** Who was asked and has come, and who was asked and has not; one who left the room is neither. */
  state(participants: Participants): { readonly came: readonly Member[]; readonly away: readonly Member[] } {
    const here = this.asked.filter((member) => participants.member(member.person) !== undefined);
    const watching = new Set(participants.watchers.map((member) => member.person));
    return {
      came: here.filter((member) => watching.has(member.person)),
      away: here.filter((member) => !watching.has(member.person)),
    };
  }
}
