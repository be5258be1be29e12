// Whether the slide may still be seen: a view that has grown old is opened anew, by one request whatever how many tiles meet its end.

import { request } from "./activity";

export type Standing = "open" | "ended" | "signed-out";

/** Until the answer that carries a new session's cookie has come to another tab. */
const SUCCESSION_MS = 1000;
/** A view lives for 15 minutes (telepath/slides/capability.py). */
const RENEW_MS = 7 * 60_000;

/** What the answer to a renewal says of the right. A server that cannot answer now says nothing of it. */
export function standing(status: number): Standing {
  if (status === 401) return "signed-out";
  return status === 403 || status === 404 ? "ended" : "open";
}

export class SlideRight {
  private asking: Promise<Standing> | undefined;

  /** POST to `address` opens a new view. */
  constructor(private readonly address: string) {}

  renew(): Promise<Standing> {
    this.asking ??= this.ask()
      .then(
        ({ status }): Standing => standing(status),
        (): Standing => "open", // no answer at all: the link, not the right
      )
      .finally(() => {
        this.asking = undefined;
      });
    return this.asking;
  }

  /** Renews the view before it ends, as long as it is `used` by who asks for no tile, and so does not meet its end: who is sent
   * them. `told` where it stands then. Returns what stops it. */
  keep(used: () => boolean, told: (state: Standing) => void): () => void {
    const timer = window.setInterval(() => {
      if (used()) void this.renew().then(told);
    }, RENEW_MS);
    return () => window.clearInterval(timer);
  }

  /** Asked twice where nobody seems to be signed in: a renewed session may be taking the place of the old one. */
  private async ask(): Promise<Response> {
    const answer = await request(this.address, { method: "POST" });
    if (answer.status !== 401) return answer;
    await new Promise((resolve) => window.setTimeout(resolve, SUCCESSION_MS));
    return request(this.address, { method: "POST" });
  }
}
