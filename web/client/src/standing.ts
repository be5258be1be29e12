// Where a person stands in the room: who presents and who follows, how one comes to present, why it ended. Pure.

import { CLOSED, FINAL } from "./messages";
import type { Participants } from "./participants";
import type { Words } from "./words";

/**
 * Who presents and who follows, in a sentence. `cut`: the link has been cut for a while; `onward`: whoever presented has gone on to
 * another room; `invited`: names of the others invited.
 */
export function standing(words: Words, participants: Participants, cut: boolean, onward: boolean, invited: readonly string[]): string {
  const { role } = participants;
  const name = participants.nameOf(participants.leader);
  if (cut) return words(`rooms-cut-${role}`, { name });
  if (onward) return words("rooms-onward-standing");
  if (role !== "presenting") {
    const here = participants.member(participants.leader) !== undefined;
    if (participants.whom === "") return words(!here ? "rooms-waiting" : role === "following" ? "rooms-following" : "rooms-left", { name });
    if (!here) return words("rooms-watching-gone", { name });
    return words(role === "watching" ? "rooms-watching" : "rooms-left", { name });
  }
  const { others } = participants;
  if (others.length > 0) return words("rooms-presenting-followed", { count: participants.watchers.length });
  const last = participants.met.at(-1);
  if (last !== undefined) return words("rooms-presenting-left", { name: last });
  return words("rooms-presenting-alone", { count: invited.length, names: invited.join(", ") });
}

/** What else whoever looks at the pill is to know. `sharp`: on so many screens the field is; `waiting`: so many acts wait for the link. */
export function aside(words: Words, participants: Participants, cut: boolean, sharp: number, waiting: number): string {
  if (cut) return waiting === 0 ? "" : words("rooms-waiting-to-go", { count: waiting });
  const count = participants.watchers.length;
  if (count === 0) return "";
  if (participants.presents) return words("rooms-sharp", { sharp, count });
  return words("rooms-watched", { count });
}

/** Whom a member follows, or that they do not, in a few words. */
export function standingOf(words: Words, participants: Participants, person: string): string {
  if (person === participants.presenter) return words("rooms-status-presenting");
  const member = participants.member(person);
  const whom = member && participants.followedBy(member);
  if (whom === undefined) return words("rooms-status-away");
  if (whom === participants.me) return words("rooms-status-follows-you");
  if (whom === participants.presenter) return words("rooms-status-following");
  return words("rooms-status-follows", { name: participants.nameOf(whom) });
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
