// When a session ends, when its person is warned, and when the server is told or asked. Pure: times and answers come in; all
// in ms, on the browser's own clock.
//
//   living ──(near idleAt)──► idle-soon ──(an act: told to the server)──► living
//      └─────(near expiresAt)► end-soon ──(a fresh authentication)──────► living
//   any of them ──(at idleAt or expiresAt)──► over

/** What `GET /session` and `POST /session/seen` answer. */
export interface Told {
  readonly now: string;
  readonly idle_at: string;
  readonly expires_at: string;
  readonly idle_seconds: number;
  readonly person: string;
  readonly renewable: boolean;
  readonly guest: boolean;
}

export interface Clock {
  readonly idleAt: number;
  readonly expiresAt: number;
  /** How long the session lives without an act. */
  readonly idle: number;
  /** By a fresh authentication. */
  readonly renewable: boolean;
  /** A guest has a link, and nowhere to sign in. */
  readonly guest: boolean;
  /** When the last question was sent that was answered, and the last one at all. */
  readonly answeredAt: number;
  readonly triedAt: number;
}

export type Phase = "living" | "idle-soon" | "end-soon" | "over";

const WARNING = 5 * 60_000;
const TELL_EVERY = 60_000;
/** For the second that the header rounds off, and the way to the server. */
const SLACK = 1500;
const RETRY = 5000;

/** The server's clock may be another: what it says counts from the moment that it was asked. */
export function answered(told: Told, sentAt: number): Clock {
  const now = Date.parse(told.now);
  return {
    idleAt: sentAt + Date.parse(told.idle_at) - now,
    expiresAt: sentAt + Date.parse(told.expires_at) - now,
    idle: told.idle_seconds * 1000,
    renewable: told.renewable,
    guest: told.guest,
    answeredAt: sentAt,
    triedAt: sentAt,
  };
}

export const tried = (clock: Clock, now: number): Clock => ({ ...clock, triedAt: now });

export const endOf = (clock: Clock): number => Math.min(clock.idleAt, clock.expiresAt);

const idleWarning = (clock: Clock): number => clock.idleAt - Math.min(WARNING, clock.idle / 3);
const endWarning = (clock: Clock): number => clock.expiresAt - WARNING;

export function phase(clock: Clock, now: number): Phase {
  if (now >= endOf(clock)) return "over";
  if (now >= idleWarning(clock) && clock.idleAt <= clock.expiresAt) return "idle-soon";
  return now >= endWarning(clock) ? "end-soon" : "living";
}

/** Since when the present phase is. Before any word to the person the server is asked once: another tab may know better. */
function since(clock: Clock, now: number): number {
  switch (phase(clock, now)) {
    case "living":
      return -Infinity;
    case "idle-soon":
      return idleWarning(clock);
    case "end-soon":
      return endWarning(clock);
    case "over":
      return endOf(clock);
  }
}

/** What to send now: that somebody was here, or the question how long the session lives. `lastAct`: in any tab. */
export function due(clock: Clock, lastAct: number, now: number): "tell" | "ask" | undefined {
  if (now - clock.triedAt < RETRY && lastAct <= clock.triedAt) return undefined;
  const over = phase(clock, now) === "over";
  const seenAt = clock.idleAt - clock.idle;
  if (!over && lastAct - seenAt >= Math.min(TELL_EVERY, clock.idle / 30) + SLACK) return "tell";
  return clock.answeredAt < since(clock, now) ? "ask" : undefined;
}

/** Whether the server has said what the present phase rests on: only then is the person warned. */
export const settled = (clock: Clock, now: number): boolean => clock.answeredAt >= since(clock, now);
