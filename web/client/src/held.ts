// What the page holds of the room's facts and of its own operations. Pure.

import { PROTOCOL, type Act, type ClientMessage, type Fact, type Operation, type Welcome } from "./messages";

export class Held {
  private seq = 0;
  private epoch = 0;
  private readonly waiting = new Map<string, Operation>();
  private behindSince: number | undefined;

  get lastSeq(): number {
    return this.seq;
  }

  /** The first words on a new socket: where we are, and every operation that has not been answered; each is done once. */
  hello(): ClientMessage[] {
    return [{ type: "hello", protocol: PROTOCOL, last_seq: this.seq, epoch: this.epoch }, ...this.unanswered];
  }

  /** The facts that are new to the page. With mode "reset" all that was held is to be forgotten first. */
  welcome(message: Welcome): readonly Fact[] {
    if (message.mode === "reset") this.seq = 0;
    this.epoch = message.epoch;
    const fresh = message.facts.filter((fact) => fact.seq > this.seq);
    this.seq = message.seq;
    this.behindSince = undefined;
    for (const fact of fresh) this.waiting.delete(fact.op);
    return fresh;
  }

  /** Whether the fact is the next one: not known already, and none before it missing. */
  fact(message: Fact): "next" | "known" | "gap" {
    this.waiting.delete(message.op);
    if (message.seq <= this.seq) return "known";
    if (message.seq > this.seq + 1) return "gap";
    this.seq = message.seq;
    this.behindSince = undefined;
    if ("epoch" in message.body) this.epoch = message.body.epoch;
    return "next";
  }

  operation(id: string, act: Act): Operation {
    const operation: Operation = { type: "op", id, act };
    this.waiting.set(id, operation);
    return operation;
  }

  answered(id: string): void {
    this.waiting.delete(id);
  }

  get unanswered(): readonly Operation[] {
    return [...this.waiting.values()];
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
