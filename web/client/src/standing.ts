// Where a person stands in the room: who presents and who follows, how one comes to present, why it ended. Pure.

import { CLOSED, FINAL } from "./messages";
import type { Participants } from "./participants";
import type { Words } from "./words";

/** Who presents and who follows, in a sentence. `cut`: the link has been cut for a while; `invited`: names of the others invited. */
export function standing(words: Words, participants: Participants, cut: boolean, invited: readonly string[]): string {
  const { role } = participants;
  const name = participants.nameOf(participants.presenter);
  if (cut) return words(`rooms-cut-${role}`, { name });
  if (role !== "presenting") {
    if (participants.presenting === undefined) return words("rooms-waiting", { name });
    return words(role === "following" ? "rooms-following" : "rooms-left", { name });
  }
  const { others } = participants;
  if (others.length > 0) return words("rooms-presenting-followed", { count: others.filter((member) => member.following).length });
  const last = participants.met.at(-1);
  if (last !== undefined) return words("rooms-presenting-left", { name: last });
  return words("rooms-presenting-alone", { count: invited.length, names: invited.join(", ") });
}

/** Whoever presents is asked first; only one who is away, or does not answer, is not. `canTake`: the link carries what one presents. */
export function wayToPresent(participants: Participants, unanswered: boolean, canTake: boolean): "ask" | "take" | undefined {
  if (participants.presents) return undefined;
  const here = participants.presenting !== undefined;
  if (here && !unanswered) return "ask";
  if (canTake) return "take";
  return here ? "ask" : undefined;
}

/** `code`: the socket's. */
export function whyEnded(words: Words, { closer, me }: Participants, code: number): string {
  if (code !== CLOSED) return words(FINAL[code] ?? "rooms-ended-protocol");
  if (closer === undefined) return words("rooms-ended-closed");
  return closer.person === me ? words("rooms-ended-closed-you") : words("rooms-ended-closed-by", { name: closer.name });
}
