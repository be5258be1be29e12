// The WebSockets to a room. Which there are, and which counts, is decided in links.ts; when to acknowledge, in acks.ts.

import { Acks } from "./acks";
import { encode, type Frame } from "./frames";
import { Links, type Step } from "./links";
import { comesBack, decode, type ServerMessage, type Welcome } from "./messages";

const LOOK_MS = 100;
/** What waits here is replaced by something newer: a full send buffer means that the link is slower than we are. */
const FULL = 4096;

export interface SocketEvents {
  /** The first words on a new socket. */
  greeting(): object;
  /** Whether this welcome is at least as new as what is held. */
  fresh(welcome: Welcome): boolean;
  message(message: ServerMessage): void;
  binary(bytes: Uint8Array<ArrayBuffer>): void;
  state(state: "open" | "reconnecting", code: number): void;
  /** Handshakes fail one after the other. */
  blocked(): void;
  /** Closed, and not to be opened again just like that. */
  over(code: number): void;
}

interface Line {
  readonly socket: WebSocket;
  readonly acks: Acks;
  timer: number;
  /** When the timer runs out. */
  due: number;
}

export class Sockets {
  private readonly links = new Links();
  private readonly lines = new Map<number, Line>();
  private timer = 0;

  constructor(
    private readonly path: string,
    private readonly on: SocketEvents,
  ) {}

  start(): void {
    this.run(this.links.start(performance.now()));
  }

  /** Once more, after another way was tried. */
  again(): void {
    this.links.again(performance.now(), Math.random());
    this.look();
  }

  /** What came has a gap. */
  doubt(): void {
    this.run(this.links.doubted(performance.now()));
  }

  hurry(): void {
    this.links.hurry(performance.now());
    if (this.timer !== 0) this.look();
  }

  /** Closes all of them; nothing is opened until `start` or `again`. */
  end(): void {
    window.clearTimeout(this.timer);
    this.timer = 0;
    this.carryOut(this.links.end());
  }

  /** Whether one is welcomed, and open. */
  get open(): boolean {
    return this.line?.socket.readyState === WebSocket.OPEN;
  }

  /** Whether frames may go: what is full takes only what must arrive. */
  get free(): boolean {
    return this.open && this.line!.socket.bufferedAmount <= FULL;
  }

  /** Sends it on the one that counts. Without any it is lost. */
  send(message: object): void {
    if (this.open) this.line!.socket.send(JSON.stringify(message));
  }

  /** Several records, and the ack that is due anyway. */
  sendFrames(frames: readonly Frame[]): void {
    if (!this.open) return;
    const { socket, acks } = this.line!;
    const ack = acks.record(performance.now());
    socket.send(encode(ack === undefined ? frames : [...frames, ack]));
  }

  private get line(): Line | undefined {
    return this.links.inUse === undefined ? undefined : this.lines.get(this.links.inUse);
  }

  private look(): void {
    this.run(this.links.look(performance.now(), Math.random()));
  }

  private run(steps: readonly Step[]): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.look(), this.links.pause(performance.now(), LOOK_MS));
    this.carryOut(steps);
  }

  private carryOut(steps: readonly Step[]): void {
    for (const step of steps) {
      if (step.do === "open") this.connect(step.link);
      else if (step.do === "drop") this.drop(step.link);
      else if (step.do === "tell") this.on.state(step.state, step.code);
      else if (step.do === "blocked") this.on.blocked();
    }
  }

  private connect(link: number): void {
    const address = new URL(this.path, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = new WebSocket(address);
    socket.binaryType = "arraybuffer";
    this.lines.set(link, { socket, acks: new Acks(), timer: 0, due: 0 });
    socket.addEventListener("open", () => {
      this.links.answered(link);
      if (this.links.known(link)) socket.send(JSON.stringify(this.on.greeting()));
    });
    socket.addEventListener("message", (event) => {
      if (this.links.known(link)) this.came(link, event.data as ArrayBuffer | string);
    });
    socket.addEventListener("close", (event) => this.closed(link, event.code));
  }

  private drop(link: number): void {
    const line = this.lines.get(link);
    this.lines.delete(link);
    window.clearTimeout(line?.timer);
    line?.socket.close();
  }

  private came(link: number, data: ArrayBuffer | string): void {
    const now = performance.now();
    const text = typeof data === "string";
    this.acknowledge(link, text ? data.length : data.byteLength, now);
    const message = text ? decode(data) : undefined;
    if (message?.type === "welcome") {
      if (!this.on.fresh(message)) {
        this.drop(link);
        this.run(this.links.closed(link, 1006, now, Math.random()));
        return;
      }
      this.links.told(message.every);
      this.run(this.links.welcomed(link, now));
    }
    if (link !== this.links.inUse) return;
    const steps = this.links.heard(link, now);
    if (steps.length > 0) this.run(steps);
    if (message?.type === "tick") this.links.told(message.every);
    if (message?.type === "goaway") {
      this.links.goaway(link, message.after_ms, now);
      this.look();
    } else if (message !== undefined) this.on.message(message);
    if (!text) this.on.binary(new Uint8Array(data));
  }

  private closed(link: number, code: number): void {
    const known = this.links.known(link);
    window.clearTimeout(this.lines.get(link)?.timer);
    this.lines.delete(link);
    if (!known) return;
    if (comesBack(code)) this.run(this.links.closed(link, code, performance.now(), Math.random()));
    else {
      this.end();
      this.on.over(code);
    }
  }

  private acknowledge(link: number, bytes: number, now: number): void {
    const line = this.lines.get(link);
    if (line === undefined) return;
    const due = line.acks.came(bytes, now);
    if (due <= now) this.tellAcks(line);
    else if (line.timer === 0 || due < line.due) {
      window.clearTimeout(line.timer);
      line.due = due;
      line.timer = window.setTimeout(() => this.tellAcks(line), due - now);
    }
  }

  private tellAcks(line: Line): void {
    window.clearTimeout(line.timer);
    line.timer = 0;
    if (line.socket.readyState !== WebSocket.OPEN) return;
    const ack = line.acks.record(performance.now());
    if (ack !== undefined) line.socket.send(encode([ack]));
  }
}
