// The connection to a room: one WebSocket, found again by itself after a cut; where WebSockets are blocked, server-sent
// events and POST. What is held and what must be sent again is decided in held.ts.

import { request } from "./activity";
import { decode as decodeFrames, encode, pointToWire, toWire, type Frame, type ShownChannel, type WireRecord } from "./frames";
import type { Point, View } from "./geometry";
import { Held } from "./held";
import {
  comesBack, decode, reconnectDelay, type Act, type Fact, type Member, type Refusal, type ServerMessage, type Welcome,
} from "./messages";

export type ConnectionState = "connecting" | "open" | "reconnecting" | "events" | "ended";

export interface SessionEvents {
  welcome(message: Welcome, fresh: readonly Fact[]): void;
  fact(fact: Fact): void;
  presence(members: readonly Member[]): void;
  frame(frame: Frame): void;
  refused(refusal: Refusal): void;
  /** Whoever presents moved just now: not what a welcome repeats. */
  presented(): void;
  /** Whether this node hears the others. */
  linked(linked: boolean): void;
  state(state: ConnectionState, code: number): void;
}

const SILENCE_MS = 4000;
const ACK_MS = 8;
/** Failed handshakes in a row before server-sent events are tried. */
const BLOCKED_AFTER = 3;
export const SESSION_ENDED = 4401;
/** Until the answer that carries a new session's cookie has come to another tab. */
const SUCCESSION_MS = 1000;
/** So often, where somebody is known to authenticate anew. */
const PATIENCE = 10;

interface Viewport {
  readonly view: View;
  readonly target?: { readonly view: View; readonly milliseconds: number } | undefined;
  readonly plane: number;
  readonly channels: readonly ShownChannel[];
}

export class Session {
  private readonly held = new Held();
  private socket: WebSocket | undefined;
  private events: EventSource | undefined;
  private ended = false;
  private welcomed = false;
  private failures = 0;
  private stream = 0;
  private epoch = 0;
  private sequence = 0;
  private received = 0;
  private acked = 0;
  private ackTimer = 0;
  private lastAck = 0;
  private lastHeard = 0;
  private retryTimer = 0;
  private viewport: Viewport | undefined;
  private pointer: Point | null | undefined;
  private following = true;

  constructor(
    private readonly room: string,
    private readonly on: SessionEvents,
    /** Whether a new session may be on its way, though there is none yet. */
    private readonly patient: () => boolean = () => false,
  ) {
    window.setInterval(() => this.watch(), 500);
    window.addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.hurry();
    });
  }

  start(): void {
    this.on.state("connecting", 0);
    this.connect();
  }

  /** Carries an operation out once, whatever happens to the connection. */
  act(act: Act): void {
    const operation = this.held.operation(crypto.randomUUID(), act);
    if (this.events !== undefined) void this.post(operation.id);
    // An open socket has said hello, with the operations of that moment: this one follows, whether welcomed or not.
    else if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(operation));
  }

  follow(following: boolean): void {
    this.following = following;
    this.sendText({ type: "following", following, whom: "" });
  }

  /** The presenter's field. Only the newest is sent, with the next `flush`. */
  setViewport(viewport: Viewport): void {
    this.viewport = viewport;
  }

  /** One's own pointer, level-0 px; null: it left the field. */
  setPointer(pointer: Point | null): void {
    this.pointer = pointer;
  }

  /** Sends what is new, in one message. Called once per animation frame at most. */
  flush(): void {
    const socket = this.socket;
    // A full send buffer means that the link is slower than we are: what waits here is replaced by something newer.
    if (socket === undefined || socket.readyState !== WebSocket.OPEN || !this.welcomed || socket.bufferedAmount > 4096) return;
    const records: WireRecord[] = [];
    const head = (): { stream: number; epoch: number; sequence: number; time: number } => ({
      stream: this.stream,
      epoch: this.epoch,
      sequence: ++this.sequence,
      time: Math.round(performance.now()) % 2 ** 32,
    });
    if (this.viewport !== undefined) {
      const { view, target, plane, channels } = this.viewport;
      const aim = target && { ...toWire(target.view), milliseconds: Math.min(65535, Math.round(target.milliseconds)) };
      records.push({ kind: "viewport", ...head(), ...toWire(view), flip: view.flip, target: aim ?? null, plane, channels });
      this.viewport = undefined;
    }
    if (this.pointer !== undefined) {
      const { x, y } = pointToWire(this.pointer ?? { x: 0, y: 0 });
      records.push({ kind: "pointer", ...head(), x, y, gone: this.pointer === null });
      this.pointer = undefined;
    }
    if (records.length === 0) return;
    if (this.received > this.acked) records.push(this.ackRecord());
    socket.send(encode(records));
  }

  setEpoch(epoch: number): void {
    this.epoch = epoch;
  }

  leave(): void {
    this.finish(1000);
  }

  private connect(): void {
    if (this.ended) return;
    window.clearTimeout(this.retryTimer);
    const address = new URL(`/rooms/${this.room}/live`, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = new WebSocket(address);
    socket.binaryType = "arraybuffer";
    const old = this.socket;
    let greeted = false;
    this.received = this.acked = 0;
    this.lastHeard = performance.now();
    socket.addEventListener("open", () => {
      for (const message of this.held.hello()) socket.send(JSON.stringify(message));
    });
    socket.addEventListener("message", (event) => {
      if (this.socket !== socket) return;
      this.heard();
      if (event.data instanceof ArrayBuffer) {
        this.came(new Uint8Array(event.data));
        return;
      }
      const message = decode(String(event.data));
      if (message?.type === "welcome") greeted = true;
      if (message !== undefined) this.handle(message);
    });
    socket.addEventListener("close", (event) => {
      if (this.socket !== socket) return;
      this.welcomed = false;
      this.lost(event.code, greeted);
    });
    this.socket = socket;
    this.welcomed = false;
    old?.close();
  }

  private came(bytes: Uint8Array): void {
    for (const record of decodeFrames(bytes)) {
      if (record.kind === "ack") continue;
      this.on.frame(record);
      if (record.kind === "viewport") this.on.presented();
    }
  }

  private handle(message: ServerMessage): void {
    switch (message.type) {
      case "welcome": {
        this.failures = 0;
        this.welcomed = true;
        this.stream = message.you;
        this.epoch = message.epoch;
        this.sequence = 0;
        const fresh = this.held.welcome(message);
        this.on.state(this.events === undefined ? "open" : "events", 0);
        this.on.welcome(message, fresh);
        if (message.frames !== "") {
          const bytes = Uint8Array.from(atob(message.frames), (letter) => letter.charCodeAt(0));
          for (const record of decodeFrames(bytes)) if (record.kind !== "ack") this.on.frame(record);
        }
        if (!this.following) this.sendText({ type: "following", following: false, whom: "" });
        if (this.events !== undefined) void this.postWaiting();
        break;
      }
      case "fact":
        switch (this.held.fact(message)) {
          case "next":
            this.on.fact(message);
            break;
          case "gap":
            this.again();
            break;
          case "known":
            break;
        }
        break;
      case "ack":
        this.held.answered(message.op);
        break;
      case "refused":
        this.held.answered(message.op);
        this.on.refused(message);
        break;
      case "presence":
        this.on.presence(message.members);
        break;
      case "tick":
        this.on.linked(message.linked);
        if (this.held.lost(message.seq, performance.now())) this.again();
        break;
      case "goaway":
        window.setTimeout(() => this.again(), message.after_ms);
        break;
      case "pong":
        break;
    }
  }

  /** Opens another socket beside this one, which then goes; or the stream of events anew, from the last fact held. */
  private again(): void {
    if (this.ended) return;
    if (this.events !== undefined) {
      this.events.close();
      this.tryEvents();
      return;
    }
    this.on.state("reconnecting", 0);
    this.connect();
  }

  private hurry(): void {
    if (this.ended || this.retryTimer === 0) return;
    window.clearTimeout(this.retryTimer);
    this.retryTimer = 0;
    this.failures = 0;
    this.connect();
  }

  private lost(code: number, greeted: boolean): void {
    if (this.ended) return;
    if (code === SESSION_ENDED) {
      // Whoever proved anew who they are, to sign in another tab, has a new session: this browser may still be let in.
      this.socket = undefined;
      this.on.state("reconnecting", code);
      window.setTimeout(() => void this.whyRefused(), SUCCESSION_MS);
      return;
    }
    if (!comesBack(code)) return this.finish(code);
    this.on.state("reconnecting", code);
    if (!greeted) this.failures += 1;
    if (this.failures > 0 && this.failures % BLOCKED_AFTER === 0) return this.tryEvents();
    this.retryTimer = window.setTimeout(() => {
      this.retryTimer = 0;
      this.connect();
    }, reconnectDelay(this.failures, Math.random()));
  }

  private finish(code: number): void {
    this.ended = true;
    window.clearTimeout(this.retryTimer);
    this.socket?.close();
    this.events?.close();
    this.on.state("ended", code);
  }

  /** Nothing heard for four ticks: the connection is dead, whatever the system says. */
  private watch(): void {
    const silent = performance.now() - this.lastHeard > SILENCE_MS;
    if (this.ended || !silent || this.socket === undefined || this.events !== undefined || this.retryTimer !== 0) return;
    const socket = this.socket;
    this.socket = undefined;
    this.welcomed = false;
    socket.close();
    this.lost(1006, false);
  }

  private heard(): void {
    this.received += 1;
    this.lastHeard = performance.now();
    // At once when the last one is 8 ms old (a hidden tab's timers may sleep), else with the trailing timer.
    if (this.lastHeard - this.lastAck >= ACK_MS) this.ack();
    else if (this.ackTimer === 0) this.ackTimer = window.setTimeout(() => this.ack(), ACK_MS);
  }

  private ack(): void {
    window.clearTimeout(this.ackTimer);
    this.ackTimer = 0;
    if (this.socket?.readyState !== WebSocket.OPEN || this.received === this.acked) return;
    this.socket.send(encode([this.ackRecord()]));
  }

  private ackRecord(): WireRecord {
    this.acked = this.received;
    this.lastAck = performance.now();
    return { kind: "ack", received: this.received, held: 0 };
  }

  private sendText(message: object): void {
    // Before the welcome nothing is lost: `following` is repeated after it.
    if (this.socket?.readyState === WebSocket.OPEN && this.welcomed) this.socket.send(JSON.stringify(message));
  }

  // Server-sent events and POST, where WebSockets are blocked ---------------------------------------------------------

  private tryEvents(): void {
    this.socket = undefined;
    const events = new EventSource(`/rooms/${this.room}/facts?last_seq=${this.held.lastSeq}`);
    this.events = events;
    for (const type of ["welcome", "fact", "presence", "tick", "refused", "ack"]) {
      events.addEventListener(type, (event) => {
        const message = decode(String(event.data));
        if (message !== undefined) this.handle(message);
      });
    }
    events.addEventListener("frames", (event) => {
      this.came(Uint8Array.from(atob(String(event.data)), (letter) => letter.charCodeAt(0)));
    });
    events.addEventListener("close", (event) => {
      events.close();
      this.events = undefined;
      this.lost((JSON.parse(String(event.data)) as { code: number }).code, true);
    });
    events.addEventListener("error", () => {
      if (this.ended || this.events !== events) return;
      events.close();
      this.events = undefined;
      void this.whyRefused();
    });
  }

  /** The stream did not open or was cut, or the session ended: is the room gone, or may we come back? */
  private async whyRefused(tries = 0): Promise<void> {
    if (this.ended) return;
    const answer = await request(`/rooms/${this.room}`, { method: "HEAD", credentials: "same-origin" }).catch(() => undefined);
    if (answer?.status === 404) return this.finish(4404);
    if (answer?.status === 401 || answer?.redirected === true) {
      if (tries >= PATIENCE || !this.patient()) return this.finish(SESSION_ENDED);
      window.setTimeout(() => void this.whyRefused(tries + 1), SUCCESSION_MS);
      return;
    }
    this.failures += 1;
    this.on.state("reconnecting", 0);
    this.retryTimer = window.setTimeout(() => {
      this.retryTimer = 0;
      this.connect();
    }, reconnectDelay(this.failures, Math.random()));
  }

  /** What was done before this way was found, in its order. */
  private async postWaiting(): Promise<void> {
    for (const { id } of this.held.unanswered) await this.post(id);
  }

  private async post(id: string): Promise<void> {
    const operation = this.held.unanswered.find((one) => one.id === id);
    if (operation === undefined) return;
    try {
      const answer = await request(`/rooms/${this.room}/operations`, {
        method: "POST",
        credentials: "same-origin",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify(operation),
      });
      const message = decode(await answer.text());
      if (message !== undefined) this.handle(message);
    } catch {
      window.setTimeout(() => void this.post(id), 2000);
    }
  }
}
