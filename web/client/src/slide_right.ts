// Whether the slide may still be seen: a view that has grown old is opened anew, by one request whatever how many tiles meet its end.

import { request } from "./activity";

export type Standing = "open" | "ended" | "signed-out";

/** Until the answer that carries a new session's cookie has come to another tab. */
const SUCCESSION_MS = 1000;

export class SlideRight {
  private asking: Promise<Standing> | undefined;

  /** POST to `address` opens a new view. */
  constructor(private readonly address: string) {}

  renew(): Promise<Standing> {
    this.asking ??= this.ask()
      .then(
        (answer): Standing => (answer.ok ? "open" : answer.status === 401 ? "signed-out" : "ended"),
        (): Standing => "open", // no answer at all: the link, not the right
      )
      .finally(() => {
        this.asking = undefined;
      });
    return this.asking;
  }

  /** Asked twice where nobody seems to be signed in: a renewed session may be taking the place of the old one. */
  private async ask(): Promise<Response> {
    const answer = await request(this.address, { method: "POST" });
    if (answer.status !== 401) return answer;
    await new Promise((resolve) => window.setTimeout(resolve, SUCCESSION_MS));
    return request(this.address, { method: "POST" });
  }
}
