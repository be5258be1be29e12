// The room's text messages, as realtime/messages.py has them. Pure.

import type { Seen } from "./link";

export const PROTOCOL = 3;

export type Act =
  | { readonly kind: "take"; readonly epoch: number }
  | { readonly kind: "hand-over"; readonly epoch: number; readonly to: string }
  | { readonly kind: "ask" }
  | { readonly kind: "slide"; readonly epoch: number; readonly slide: string }
  | { readonly kind: "say"; readonly text: string; readonly view: Seen | null; readonly slide: string }
  | { readonly kind: "close" }
  | { readonly kind: "gather"; readonly epoch: number }
  | { readonly kind: "draw"; readonly slide: string; readonly plane: number; readonly points: readonly (readonly [number, number])[] }
  | { readonly kind: "erase"; readonly drawn: number }
  | { readonly kind: "agenda"; readonly items: readonly Item[] }
  | { readonly kind: "item"; readonly epoch: number; readonly item: string }
  | { readonly kind: "onward"; readonly epoch: number; readonly room: string };

/** One point of an agenda. */
export interface Item {
  readonly id: string;
  readonly label: string;
  /** What is shown for it; "" for nothing. */
  readonly slide: string;
  /** 0: as long as it takes. */
  readonly minutes: number;
  /** The room where it is spoken of, in place of a slide; absent or "": here. */
  readonly room?: string;
}

export interface Agenda {
  readonly items: readonly Item[];
  /** The id of the point at hand; "" for none. */
  readonly now: string;
  /** Since when it is, ISO 8601; absent or "": that is not known. */
  readonly since?: string;
}

/** What this browser was sent ahead of a slide, all of it: realtime/messages.py Kept. */
export interface Kept {
  readonly slide: string;
  readonly mark: string;
  /** Device px of the screen that it was chosen for. */
  readonly width: number;
  readonly height: number;
  readonly tiles: number;
}

/** What this page shows a field in. */
export interface WindowMessage {
  readonly type: "window";
  /** CSS px. */
  readonly width: number;
  readonly height: number;
  /** Device px for each. */
  readonly ratio: number;
  /** AVIF can be drawn here. */
  readonly reduced: boolean;
  /** Tiles of the field that is followed may be sent. */
  readonly push: boolean;
  /** That field is shown at the same magnification, not all of it. */
  readonly same: boolean;
  /** Tiles that need not be sent. */
  readonly kept?: Kept;
}

export interface Operation {
  readonly type: "op";
  readonly id: string;
  readonly act: Act;
}

export type ClientMessage =
  | { readonly type: "hello"; readonly protocol: number; readonly last_seq: number; readonly epoch: number }
  | Operation
  | WindowMessage
  /** `whom`: a person who does not present; "": whoever presents. */
  | { readonly type: "following"; readonly following: boolean; readonly whom: string };

export interface Member {
  readonly person: string;
  readonly name: string;
  readonly institution: string;
  /** Index into COLOURS. */
  readonly colour: number;
  readonly streams: readonly number[];
  readonly following: boolean;
  /** Whom they follow, if not whoever presents. */
  readonly whom: string;
  /** Of the window that they show slides in, CSS px; 0: not known. */
  readonly width: number;
}

interface FactHead {
  readonly type: "fact";
  readonly seq: number;
  readonly actor: string;
  readonly name: string;
  readonly at: string;
  readonly op: string;
}

export type Fact = FactHead &
  (
    | { readonly kind: "opened"; readonly body: { readonly slide: string; readonly presenter: string; readonly epoch: number } }
    | { readonly kind: "presenter"; readonly body: { readonly presenter: string; readonly epoch: number; readonly before: string } }
    | { readonly kind: "slide"; readonly body: { readonly slide: string; readonly epoch: number } }
    | { readonly kind: "asked"; readonly body: object }
    | { readonly kind: "said"; readonly body: { readonly text: string; readonly view: Seen | null; readonly slide: string; readonly line: string } }
    | { readonly kind: "closed"; readonly body: object }
    | { readonly kind: "withheld"; readonly body: object }
    | { readonly kind: "gathered"; readonly body: { readonly epoch: number } }
    | { readonly kind: "drawn"; readonly body: { readonly slide: string; readonly plane: number; readonly points: readonly (readonly [number, number])[] } }
    | { readonly kind: "erased"; readonly body: { readonly drawn: number } }
    | { readonly kind: "agenda"; readonly body: { readonly items: readonly Item[] } }
    | { readonly kind: "item"; readonly body: { readonly item: string; readonly slide: string; readonly epoch: number; readonly before: string } }
    /** Everybody is called to another room. `item`: the point at hand from now on; "": the one before stays. */
    | { readonly kind: "onward"; readonly body: { readonly room: string; readonly item: string; readonly before: string } }
  );

export interface Welcome {
  readonly type: "welcome";
  readonly protocol: number;
  readonly room: string;
  /** The stream number of this connection. */
  readonly you: number;
  readonly members: readonly Member[];
  readonly presenter: string;
  readonly epoch: number;
  readonly slide: string;
  readonly seq: number;
  readonly mode: "replay" | "reset";
  readonly facts: readonly Fact[];
  /** Base64 of the newest viewport record; empty when there is none. */
  readonly frames: string;
  readonly at: number;
  /** Milliseconds until the first tick. */
  readonly every: number;
  readonly agenda: Agenda | null;
}

export interface Refusal {
  readonly type: "refused";
  readonly op: string;
  readonly code: string;
  readonly params: Readonly<Record<string, string | number>>;
}

export type ServerMessage =
  | Welcome
  | Fact
  | Refusal
  | { readonly type: "ack"; readonly op: string; readonly seq: number }
  | { readonly type: "presence"; readonly members: readonly Member[] }
  | { readonly type: "tick"; readonly seq: number; readonly at: number; readonly linked: boolean; readonly every: number }
  | { readonly type: "goaway"; readonly after_ms: number }
  | { readonly type: "pong"; readonly at: number; readonly server_at: number };

/** Who is welcomed: the person of the session that the connection was opened with. */
export const welcomed = ({ you, members }: Welcome): string | undefined => members.find(({ streams }) => streams.includes(you))?.person;

const TYPES: ReadonlySet<string> = new Set(["welcome", "fact", "refused", "ack", "presence", "tick", "goaway", "pong"]);

/** Undefined: of a type that this page does not know, and may ignore. */
export function decode(text: string): ServerMessage | undefined {
  const message = JSON.parse(text) as { type?: unknown };
  return typeof message.type === "string" && TYPES.has(message.type) ? (message as ServerMessage) : undefined;
}

/** Avatars and pointers, as realtime/presence.py COLOURS. */
export const COLOURS = [
  "#3c1ed2", "#ff7800", "#2de187", "#963c00", "#6978ff", "#00964b", "#96e15a", "#1e5a3c",
] as const;

export const colourOf = (index: number): string => COLOURS[index % COLOURS.length]!;

/** Somebody ended the room. */
export const CLOSED = 4410;

/** Close codes after which no new socket is opened, and what the person is told (web/locale rooms.ftl). */
export const FINAL: Readonly<Record<number, string>> = {
  1002: "rooms-ended-protocol",
  1007: "rooms-ended-protocol",
  1009: "rooms-ended-protocol",
  4400: "rooms-ended-protocol",
  4401: "rooms-ended-session",
  4403: "rooms-ended-right",
  4404: "rooms-ended-gone",
  4409: "rooms-ended-version",
  [CLOSED]: "rooms-ended-closed",
  4429: "rooms-ended-flood",
};

export const comesBack = (code: number): boolean => !(code in FINAL);

/** First try at once, then within 50 ms, then within about twice as long each, at most 2 s; `random` in [0, 1). */
export const reconnectDelay = (failures: number, random: number): number =>
  failures === 0 ? 0 : 10 + random * Math.min(1990, 20 * 2 ** failures);
