// The browser as far as the connection to a room uses it: its clock and its sockets, which the test plays the server of.

import { afterEach, beforeEach, vi } from "vitest";
import { decode, type WireRecord } from "../src/frames";
import type { ClientMessage, Welcome } from "../src/messages";

/** The browser's socket, as far as a room uses it: the test plays the server. */
export class Socket extends EventTarget {
  static readonly OPEN = 1;
  static all: Socket[] = [];
  readyState = 0;
  bufferedAmount = 0;
  readonly sent: (string | Uint8Array)[] = [];

  constructor(readonly address: URL) {
    super();
    Socket.all.push(this);
  }

  send(data: string | Uint8Array): void {
    this.sent.push(data);
  }

  close(): void {
    this.readyState = 3;
  }

  opens(): void {
    this.readyState = Socket.OPEN;
    this.dispatchEvent(new Event("open"));
  }

  /** Opens, and the server welcomes `person`. */
  welcome(person: string, more: Partial<Welcome> = {}): void {
    this.opens();
    this.says(welcomeOf(person, more));
  }

  says(message: object): void {
    this.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify(message) }));
  }

  cut(code: number): void {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }

  get frames(): WireRecord[] {
    return this.sent.flatMap((one) => (typeof one === "string" ? [] : decode(one))).filter(({ kind }) => kind !== "ack");
  }

  get operations(): ClientMessage[] {
    return this.sent.filter((one) => typeof one === "string").map((one) => JSON.parse(one) as ClientMessage).filter(({ type }) => type === "op");
  }
}

/** Of a room that `person` alone is in, and presents in. */
export const welcomeOf = (person: string, more: Partial<Welcome> = {}): Welcome => ({
  type: "welcome", protocol: 3, room: "r", you: 7,
  members: [{ person, name: person, institution: "", colour: 0, streams: [7], following: true, whom: "", width: 0 }],
  presenter: person, epoch: 4, slide: "s", seq: 0, mode: "replay", facts: [], frames: "", at: 0, every: 1000, agenda: null, ...more,
});

/** The one that was opened last. */
export const last = (): Socket => Socket.all.at(-1)!;

export const nothing = (): void => undefined;

/** Each test of the file begins at an hour of its own, without any socket. */
export function browser(): void {
  beforeEach(() => {
    vi.useFakeTimers();
    Socket.all = [];
    vi.stubGlobal("WebSocket", Socket);
    vi.stubGlobal("addEventListener", nothing);
    vi.stubGlobal("window", globalThis);
    vi.stubGlobal("document", { addEventListener: nothing, hidden: false });
    vi.stubGlobal("location", { href: "https://telepath.example/rooms/r" });
  });
  afterEach(() => {
    vi.clearAllTimers();
    vi.useRealTimers();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });
}
