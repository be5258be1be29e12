// The connection to a room: sockets, found again by themselves after a cut (sockets.ts); where WebSockets are blocked,
// server-sent events and POST (event_stream.ts). What is held and what must be sent again is decided in held.ts.

import { ANSWER_MS, request } from "./activity";
import { bytesOf, EventStream } from "./event_stream";
import {
  decode as decodeFrames, pointToWire, toWire, type Frame, type ReceiptFrame, type ShownChannel, type StrokeFrame,
} from "./frames";
import type { Point, View } from "./geometry";
import { Held } from "./held";
import {
  comesBack, welcomed, type Act, type Fact, type Member, type Refusal, type ServerMessage, type Welcome, type WindowMessage,
} from "./messages";
import type { Sent } from "./receipts";
import { Sockets } from "./sockets";
import { decodePushed, isPushed, type CompleteFrame, type TileFrame } from "./tile_frames";

export type ConnectionState = "connecting" | "open" | "reconnecting" | "events" | "ended";

export interface SessionEvents {
  welcome(message: Welcome, fresh: readonly Fact[]): void;
  fact(fact: Fact): void;
  presence(members: readonly Member[]): void;
  frame(frame: Frame): void;
  /** A tile of the field that is followed, or word that there are no more for now. */
  pushed?(pushed: TileFrame | CompleteFrame): void;
  /** `act`: what will not be done. */
  refused(refusal: Refusal, act: Act | undefined): void;
  /** Whoever presents moved just now: not what a welcome repeats. */
  presented(): void;
  /** Whether this node hears the others. */
  linked(linked: boolean): void;
  state(state: ConnectionState, code: number): void;
}

export const SESSION_ENDED = 4401;
/** Until the answer that carries a new session's cookie has come to another tab. */
const SUCCESSION_MS = 1000;
/** So often, where somebody is known to authenticate anew. */
const PATIENCE = 10;
const LOOK_MS = 250;
/** Until an operation is sent again that could not be done: pause by the code of the refusal. */
const AGAIN_MS: Readonly<Record<string, number>> = { "error-room-too-fast": 400, "error-unavailable": 1500 };

interface Viewport {
  readonly view: View;
  readonly target?: { readonly view: View; readonly milliseconds: number } | undefined;
  readonly plane: number;
  readonly channels: readonly ShownChannel[];
}

interface Head {
  readonly stream: number;
  readonly epoch: number;
  readonly sequence: number;
  readonly time: number;
}

export class Session {
  private readonly held = new Held();
  private readonly sockets: Sockets;
  private events: EventStream | undefined;
  private posting = false;
  private ended = false;
  private stream = 0;
  private epoch = 0;
  private sequence = 0;
  /** The last field of one's own that was sent on this connection. */
  private told: Sent | undefined;
  /** The newest of each kind that was not sent. */
  private readonly unsent = new Map<Frame["kind"], (head: Head) => Frame>();
  /** What the server is told anew on each connection. */
  private readonly standing = new Map<string, object>();
  /** Whether one's own pointer, as it was set last, is anywhere on the slide. */
  private pointing = false;

  constructor(
    private readonly room: string,
    /** The person whom this page is of. */
    private readonly me: string,
    private readonly on: SessionEvents,
    /** Whether a new session may be on its way, though there is none yet. */
    private readonly patient: () => boolean = () => false,
  ) {
    this.sockets = new Sockets(`/rooms/${room}/live`, {
      greeting: () => this.held.hello(),
      fresh: (welcome) => !this.held.older(welcome),
      message: (message) => this.handle(message),
      binary: (bytes) => this.came(bytes),
      state: (state, code) => this.on.state(state, code),
      blocked: () => this.tryEvents(),
      over: (code) => this.over(code),
    });
    window.setInterval(() => this.operate(), LOOK_MS);
    window.addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.hurry();
    });
  }

  start(): void {
    this.on.state("connecting", 0);
    this.sockets.start();
  }

  /** Carries an operation out once, in its turn, whatever happens to the connection. False: too many wait for it. */
  act(act: Act, id: string = crypto.randomUUID()): boolean {
    const kept = this.held.operation(id, act);
    if (!kept) this.on.refused({ type: "refused", op: id, code: "error-room-waiting", params: {} }, act);
    this.operate();
    return kept;
  }

  /** `whom`: a person who does not present; "": whoever presents. */
  follow(following: boolean, whom = ""): void {
    this.stand("following", { type: "following", following, whom });
  }

  /** What this page shows a field in. */
  window(message: WindowMessage): void {
    this.stand("window", message);
  }

  /** One's own field. Only the newest is sent, with the next `flush`; so with all that follow. */
  setViewport({ view, target, plane, channels }: Viewport): void {
    const aim = target && { ...toWire(target.view), milliseconds: Math.min(65535, Math.round(target.milliseconds)) };
    this.unsent.set("viewport", (head) => ({
      kind: "viewport", ...head, ...toWire(view), flip: view.flip, target: aim ?? null, plane, channels,
    }));
  }

  /** One's own pointer, level-0 px; null: it left the field. */
  setPointer(pointer: Point | null): void {
    this.pointing = pointer !== null;
    const at = pointToWire(pointer ?? { x: 0, y: 0 });
    this.unsent.set("pointer", (head) => ({ kind: "pointer", ...head, ...at, gone: pointer === null }));
  }

  /** The line that is being drawn. */
  setStroke(stroke: Omit<StrokeFrame, "kind" | keyof Head>): void {
    this.unsent.set("stroke", (head) => ({ kind: "stroke", ...head, ...stroke }));
  }

  /** How much of the field that is followed is drawn here. */
  setReceipt(receipt: Omit<ReceiptFrame, "kind" | keyof Head>): void {
    this.unsent.set("receipt", (head) => ({ kind: "receipt", ...head, ...receipt }));
  }

  /** Sends what is new, in one message. Called once per animation frame at most. False: it has to wait for what went before. */
  flush(): boolean {
    if (this.unsent.size === 0 || !this.sockets.open || this.stream === 0) return true;
    if (!this.sockets.free) return false;
    const time = Math.round(performance.now()) % 2 ** 32;
    const frames = [...this.unsent.values()].map((framed) =>
      framed({ stream: this.stream, epoch: this.epoch, sequence: ++this.sequence, time }));
    this.unsent.clear();
    this.sockets.sendFrames(frames);
    const field = frames.find((frame) => frame.kind === "viewport");
    if (field !== undefined) this.told = { stream: field.stream, field: field.sequence };
    return true;
  }

  get sent(): Sent | undefined {
    return this.told;
  }

  /** Operations that are still to be answered. */
  get waiting(): number {
    return this.ended ? 0 : this.held.unanswered;
  }

  /** Whether an operation is still to be answered. */
  waitsFor(operation: string): boolean {
    return this.held.act(operation) !== undefined;
  }

  /** Lines that were said and not answered, in their order: once the room has ended, nobody heard them. */
  get unsaid(): readonly string[] {
    return this.held.unsaid;
  }

  /** What has not gone yet may be of the slide before: it is none of the new epoch. That a pointer left it is true of any. */
  setEpoch(epoch: number): void {
    if (epoch !== this.epoch) this.dropFields();
    this.epoch = epoch;
  }

  private dropFields(): void {
    for (const kind of ["viewport", "stroke", "receipt"] as const) this.unsent.delete(kind);
    if (this.pointing) this.unsent.delete("pointer");
  }

  leave(): void {
    this.finish(1000);
  }

  private stand(kind: string, message: object): void {
    this.standing.set(kind, message);
    this.sockets.send(message); // what is not sent now is said after the welcome
  }

  /** Sends the operation whose turn it is. */
  private operate(): void {
    if (this.ended || this.posting || !(this.sockets.open || this.events !== undefined)) return;
    const operation = this.held.next(performance.now());
    if (operation === undefined) return;
    if (this.events === undefined) return this.sockets.send(operation);
    this.posting = true;
    void this.events.post(operation).then((answer) => {
      this.posting = false;
      if (answer === undefined) this.held.later(performance.now(), 2000);
      else this.handle(answer);
    });
  }

  private came(bytes: Uint8Array<ArrayBuffer>): void {
    if (isPushed(bytes)) return this.on.pushed?.(decodePushed(bytes));
    for (const record of decodeFrames(bytes)) {
      if (record.kind === "ack") continue;
      this.on.frame(record);
      if (record.kind === "viewport") this.on.presented();
    }
  }

  private handle(message: ServerMessage): void {
    switch (message.type) {
      case "welcome": {
        // Somebody else has signed in at this browser meanwhile: nothing of this page goes out as theirs.
        if (welcomed(message) !== this.me) return this.finish(SESSION_ENDED);
        this.stream = message.you;
        this.setEpoch(message.epoch);
        if (message.mode === "reset") this.dropFields(); // a restored room may have come to this epoch by another way
        this.sequence = 0;
        this.told = undefined;
        const fresh = this.held.welcome(message);
        if (this.events !== undefined) this.on.state("events", 0);
        this.on.welcome(message, fresh);
        if (message.frames !== "") {
          for (const record of decodeFrames(bytesOf(message.frames))) if (record.kind !== "ack") this.on.frame(record);
        }
        for (const standing of this.standing.values()) this.sockets.send(standing);
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
      case "refused": {
        const pause = AGAIN_MS[message.code];
        if (pause !== undefined) {
          this.held.later(performance.now(), pause);
          break;
        }
        const act = this.held.act(message.op);
        this.held.answered(message.op);
        this.on.refused(message, act);
        break;
      }
      case "presence":
        this.on.presence(message.members);
        break;
      case "tick":
        this.on.linked(message.linked);
        if (this.held.lost(message.seq, performance.now())) this.again();
        break;
      case "goaway":
      case "pong":
        break;
    }
    this.operate();
  }

  /** What is held has a gap: begins anew from the last fact held. */
  private again(): void {
    if (this.ended) return;
    if (this.events === undefined) return this.sockets.doubt();
    this.events.end();
    this.tryEvents();
  }

  private hurry(): void {
    if (!this.ended && this.events === undefined) this.sockets.hurry();
  }

  private over(code: number): void {
    if (this.ended) return;
    if (code !== SESSION_ENDED) return this.finish(code);
    // Whoever proved anew who they are, to sign in another tab, has a new session: this browser may still be let in.
    this.on.state("reconnecting", code);
    window.setTimeout(() => void this.whyRefused(), SUCCESSION_MS);
  }

  private finish(code: number): void {
    this.ended = true;
    this.sockets.end();
    this.events?.end();
    this.on.state("ended", code);
  }

  private tryEvents(): void {
    this.sockets.end();
    const lost = (): void => {
      this.events = undefined;
      this.stream = 0;
    };
    this.events = new EventStream(this.room, this.held.lastSeq, {
      message: (message) => this.handle(message),
      binary: (bytes) => this.came(bytes),
      closed: (code) => {
        lost();
        if (!comesBack(code)) return this.over(code);
        this.on.state("reconnecting", code);
        this.sockets.again();
      },
      cut: () => {
        lost();
        void this.whyRefused();
      },
    });
  }

  /** The stream did not open or was cut, or the session ended: is the room gone, or may we come back? */
  private async whyRefused(tries = 0): Promise<void> {
    if (this.ended) return;
    const signal = AbortSignal.timeout(ANSWER_MS);
    const answer = await request(`/rooms/${this.room}`, { method: "HEAD", credentials: "same-origin", signal }).catch(() => undefined);
    if (answer?.status === 404) return this.finish(4404);
    if (answer?.status === 401 || answer?.redirected === true) {
      if (tries >= PATIENCE || !this.patient()) return this.finish(SESSION_ENDED);
      window.setTimeout(() => void this.whyRefused(tries + 1), SUCCESSION_MS);
      return;
    }
    this.on.state("reconnecting", 0);
    this.sockets.again();
  }
}
