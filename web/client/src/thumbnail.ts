// The small picture of a slide, that lists show too.

import { retryDelay } from "./tiles";

/** Undefined: the slide has none, or the link fails. */
export async function thumbnailOf(id: string): Promise<ImageBitmap | undefined> {
  for (let tries = 0; tries < 4; tries++) {
    if (tries > 0) await new Promise((resolve) => window.setTimeout(resolve, retryDelay(tries)));
    try {
      const answer = await fetch(`/slides/${id}/thumbnail`, { credentials: "same-origin", priority: "high" });
      return answer.ok ? await createImageBitmap(await answer.blob()) : undefined;
    } catch {
      // The link; or a picture that is none, which the next tries do not make better.
    }
  }
  return undefined;
}
