// When somebody last did something at this browser, and the requests of scripts, which say so. A request that a page makes
// by itself must not keep an abandoned workstation's session alive.

const HEADER = "Telepath-Idle";
const ACTS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"] as const;

/** ms since 1970 on this browser's clock. To open a page is an act. */
let actedAt = Date.now();
let pointer = "";

/** Somebody did something, here or in another tab. */
export function acted(at = Date.now()): void {
  if (at > actedAt && at <= Date.now()) actedAt = at;
}

export const lastAct = (): number => actedAt;

/** Whole seconds since the last act. */
export const idleSeconds = (): string => String(Math.max(0, Math.floor((Date.now() - actedAt) / 1000)));

/** Calls `then` at each act of a hand: not for what scripts dispatch, nor where a page moves under a pointer that lies still. */
export function watchActs(then: () => void): void {
  const act = (event: Event): void => {
    if (!event.isTrusted) return;
    if (event instanceof PointerEvent && event.type === "pointermove") {
      const place = `${event.screenX},${event.screenY}`;
      if (place === pointer) return;
      pointer = place;
    }
    acted();
    then();
  };
  for (const name of ACTS) window.addEventListener(name, act, { capture: true, passive: true });
}

const DOUBT = "life-doubt";
const REVIVED = "life-revived";

/** Something was refused as if nobody were signed in: the session may have ended. */
export const doubt = (): void => void document.dispatchEvent(new Event(DOUBT));
export const onDoubt = (then: () => void): void => document.addEventListener(DOUBT, then);

/** The session lives again, after it had ended or seemed to. */
export const revived = (): void => void document.dispatchEvent(new Event(REVIVED));
export const onRevived = (then: () => void): void => document.addEventListener(REVIVED, then);

/** Whether the page is covered, because its session has ended. */
export const covered = (): boolean => document.documentElement.dataset["session"] === "over";

/** Without an answer for so long a request is given up, where it is made again: a connection may be dead though nothing closed it. */
export const ANSWER_MS = 5000;

/** As `fetch` of our own server, but says how old the last act is. */
export async function request(address: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set(HEADER, idleSeconds());
  const answer = await fetch(address, { credentials: "same-origin", ...init, headers });
  if (answer.status === 401) doubt();
  return answer;
}

interface HtmxRequest {
  readonly ctx: { readonly request: { readonly headers: Record<string, string> }; readonly response?: { readonly status: number } };
}

/** The same for what htmx sends; a list that refreshes itself must not take a page away whose session has ended. */
export function watchHtmx(): void {
  document.addEventListener("htmx:config:request", (event) => {
    (event as CustomEvent<HtmxRequest>).detail.ctx.request.headers[HEADER] = idleSeconds();
  });
  document.addEventListener("htmx:after:request", (event) => {
    if ((event as CustomEvent<HtmxRequest>).detail.ctx.response?.status !== 401) return;
    event.preventDefault();
    doubt();
  });
}
