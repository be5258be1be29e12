// The slide that a room shows, with the cookie that opens its tiles.

import { ANSWER_MS, request } from "./activity";
import type { SlideConfig } from "./config";

export const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => window.setTimeout(resolve, milliseconds));

/** So often, where nobody seems to be signed in: a new session may be taking the place of the old one. */
const PATIENCE = 10;

/** Asks until there is an answer. Undefined: it is not for this person, or nobody is signed in any more; the room's socket says why. */
export async function slideShown(room: string): Promise<{ readonly slide: SlideConfig; readonly epoch: number } | undefined> {
  for (let refused = 0; refused < PATIENCE; ) {
    try {
      const answer = await request(`/rooms/${room}/slide`, { credentials: "same-origin", signal: AbortSignal.timeout(ANSWER_MS) });
      if (answer.ok) return (await answer.json()) as { slide: SlideConfig; epoch: number };
      if (answer.status === 404) return undefined;
      if (answer.status === 401) refused += 1;
    } catch {
      // The link, or an answer that broke off.
    }
    await pause(1000);
  }
  return undefined;
}
