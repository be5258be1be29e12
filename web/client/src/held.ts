// What the page holds of the room's facts and of its own operations. Operations go out one after the other, each until it is
// answered: so they are done in their order, whatever is cut in between. Pure: clocks in ms.

import { PROTOCOL, type Act, type ClientMessage, type Fact, type Operation, type Welcome } from "./messages";

/** Operations that wait for a connection; nobody does more during a cut. */
export const WAITING = 200;
/** Without an answer for so long it is sent again: it is done once. */
const REPEAT_MS = 5000;

export class Held {
  private seq = 0;
  private epoch = 0;
  private readonly waiting = new Map<string, Operation>();
  private behindSince: number | undefined;
  private flying: string | undefined;
  private notBefore = 0;

  get lastSeq(): number {
    return this.seq;
  }

  /** The first words on a new socket: where we are. */
  hello(): ClientMessage {
    return { type: "hello", protocol: PROTOCOL, last_seq: this.seq, epoch: this.epoch };
  }

  /** Whether a welcome was written before facts that came since on another connection. */
  older(message: Welcome): boolean {
    return message.mode === "replay" && message.seq < this.seq;
  }

  /** The facts that are new to the page. With mode "reset" all that was held is to be forgotten first. */
  welcome(message: Welcome): readonly Fact[] {
    if (message.mode === "reset") this.seq = 0;
    this.epoch = message.epoch;
    const fresh = message.facts.filter((fact) => fact.seq > this.seq);
    this.seq = message.seq;
    this.behindSince = undefined;
    this.sendNow(); // what went out on the connection before may not have come
    for (const fact of fresh) this.answered(fact.op);
    return fresh;
  }

  /** Whether the fact is the next one: not known already, and none before it missing. */
  fact(message: Fact): "next" | "known" | "gap" {
    this.answered(message.op);
    if (message.seq <= this.seq) return "known";
    if (message.seq > this.seq + 1) return "gap";
    this.seq = message.seq;
    this.behindSince = undefined;
    if ("epoch" in message.body) this.epoch = message.body.epoch;
    return "next";
  }

  /** Keeps an operation until it is answered; false: too many wait already. */
  operation(id: string, act: Act): boolean {
    if (this.waiting.size >= WAITING) return false;
    this.waiting.set(id, { type: "op", id, act });
    return true;
  }

  /** What an operation is to do that was not answered yet. */
  act(id: string): Act | undefined {
    return this.waiting.get(id)?.act;
  }

  /** The lines that were not answered yet, in their order. */
  get unsaid(): readonly string[] {
    return [...this.waiting.values()].flatMap(({ act }) => (act.kind === "say" ? [act.text] : []));
  }

  /** The operation to send now, on a connection that is welcomed. */
  next(now: number): Operation | undefined {
    if (now < this.notBefore) return undefined;
    const [first] = this.waiting.values();
    if (first !== undefined) {
      this.flying = first.id;
      this.notBefore = now + REPEAT_MS;
    }
    return first;
  }

  /** Done, or refused for good. */
  answered(id: string): void {
    this.waiting.delete(id);
    if (this.flying === id) this.sendNow();
  }

  private sendNow(): void {
    this.flying = undefined;
    this.notBefore = 0;
  }

  /** Not now: send it again in `pause` ms, and nothing before it. */
  later(now: number, pause: number): void {
    this.flying = undefined;
    this.notBefore = now + pause;
  }

  get unanswered(): number {
    return this.waiting.size;
  }

  /** Whether a tick shows that a message was lost: facts we lack for more than two seconds. */
  lost(seq: number, now: number): boolean {
    if (seq <= this.seq) {
      this.behindSince = undefined;
      return false;
    }
    this.behindSince ??= now;
    return now - this.behindSince > 2000;
  }
}
