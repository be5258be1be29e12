import { expect, test, vi } from "vitest";
import type { Act, ClientMessage, Fact, Operation, ServerMessage } from "../src/messages";
import { Session } from "../src/session";
import { browser, nothing, Socket, welcomeOf } from "./socket";

browser();

const STEPS = 400;
/** Of what a welcome tells. */
const REPLAYED = 12;
/** So an act is refused for good. */
const WRONG = "no";

/** Numbers from 0 to 1, the same for each seed (mulberry32). */
function chances(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A connection with what is on its way on it, in both directions. */
interface Line {
  readonly socket: Socket;
  readonly up: ClientMessage[];
  readonly down: ServerMessage[];
  /** How much of what the page sent is on its way, or came. */
  taken: number;
  greeted: boolean;
  tickedAt: number;
  stillUntil: number;
  /** How probable it is that a message waits, every 100 ms. */
  slow: number;
}

/** A room's ledger and the bad lines to it, on which Ines speaks; Paul is on another node. */
class Room {
  facts: Fact[] = [];
  readonly shown: Fact[] = [];
  readonly made: string[] = [];
  /** What Ines was told of as done, or had seen, that the backup does not have. */
  readonly gone = new Set<string>();
  readonly refused: string[] = [];
  /** Facts that were shown twice, out of their order, or after one that was not; and where that was. */
  readonly astray: string[] = [];
  resets = 0;
  state = "";
  readonly session: Session;
  /** The number of the last fact that a reset did not tell. */
  private base = 0;
  private lines: Line[] = [];
  private backup: readonly Fact[] = [];
  /** Nobody has come back since the backup was restored: the ledger is shorter than what was held of it. */
  private behind = false;
  private awayUntil = 0;
  private healed = false;
  /** Facts that other nodes, and this one, have still to be told of: whoever is welcomed meanwhile hears of them twice. */
  private readonly news: Fact[] = [];
  private count = 0;

  constructor(private readonly chance: () => number) {
    this.session = new Session("r", "Ines", {
      welcome: (message, fresh) => {
        this.behind = false;
        if (message.mode === "reset") {
          this.resets += 1;
          this.shown.length = 0;
          this.base = message.seq - message.facts.length;
        }
        for (const fact of fresh) this.show(fact);
      },
      fact: (fact) => this.show(fact),
      refused: ({ op }, act) => act && this.refused.push(op),
      state: (state) => (this.state = state),
      presence: nothing, frame: nothing, presented: nothing, linked: nothing,
    });
    this.session.start();
  }

  /** What the page is to show. */
  get expected(): readonly Fact[] {
    return this.facts.slice(this.base);
  }

  /** One thing happens, and time passes. */
  step(): void {
    const line = this.any(this.lines);
    const dice = this.chance();
    if (dice < 0.3) this.speak();
    else if (dice < 0.45) this.elsewhere();
    else if (dice < 0.53) this.cut(line);
    else if (dice < 0.56 && line !== undefined) line.stillUntil = performance.now() + 8000 * this.chance();
    else if (dice < 0.6 && line?.greeted === true) line.down.push({ type: "goaway", after_ms: 800 * this.chance() } as ServerMessage);
    else if (dice < 0.64) this.awayUntil = performance.now() + 3000 * this.chance();
    else if (dice < 0.67) this.backup = [...this.facts];
    else if (dice < 0.68) this.restore();
    this.pass(this.chance() < 0.05 ? 8000 * this.chance() : 400 * this.chance(), this.chance);
  }

  private show(fact: Fact): void {
    const wanted = this.base + this.shown.push(fact);
    if (fact.seq !== wanted || fact.op !== this.facts[wanted - 1]?.op) this.astray.push(`${fact.seq} at ${wanted}`);
  }

  /** One more word is lost on its way; then nothing is any more. */
  heal(): void {
    this.pass(2000, () => 1);
    this.elsewhere();
    this.news.length = 0;
    this.healed = true;
    this.awayUntil = 0;
    for (const line of this.lines) line.stillUntil = line.slow = 0;
    for (let round = 0; round < 200; round += 1) this.pass(500, () => 1);
  }

  private speak(): void {
    const operation = `ines-${this.made.length}-${this.chance() < 0.1 ? WRONG : "yes"}`;
    this.made.push(operation);
    this.session.act({ kind: "say", text: operation, view: null, slide: "s" }, operation);
  }

  private elsewhere(): void {
    if (this.behind) return;
    const many = this.chance() < 0.05 ? REPLAYED + 3 : 1;
    for (let one = 0; one < many; one += 1) this.done("Paul", `paul-${(this.count += 1)}`, undefined);
  }

  /** The page hears of it now; the server has still what was on its way to it, or has not. */
  private cut(line: Line | undefined): void {
    if (line === undefined) return;
    line.socket.cut(1006);
    line.down.length = 0;
    if (this.chance() < 0.5) line.up.length = 0;
  }

  private restore(): void {
    for (const { op, actor } of this.facts.slice(this.backup.length)) {
      if (actor === "Ines" && !this.session.waitsFor(op)) this.gone.add(op);
    }
    this.facts = [...this.backup];
    this.news.length = 0;
    this.behind = true;
    const { lines } = this;
    this.lines = [];
    for (const { socket } of lines) socket.cut(1012);
  }

  /** What is on its way goes on, some of it later; then the time does. */
  private pass(milliseconds: number, chance: () => number): void {
    const end = performance.now() + milliseconds;
    do {
      for (const socket of Socket.all.splice(0)) {
        this.lines.push({ socket, up: [], down: [], taken: 0, greeted: false, tickedAt: 0, stillUntil: 0, slow: 0.9 * this.chance() });
        socket.opens();
      }
      while (this.news.length > 0 && chance() > 0.3) this.tell(this.news.shift()!);
      for (const line of this.lines) this.carry(line, chance);
      this.lines = this.lines.filter(({ socket, up }) => socket.readyState === Socket.OPEN || up.length > 0);
      vi.advanceTimersByTime(Math.min(100, Math.max(1, end - performance.now())));
    } while (performance.now() < end);
  }

  private carry(line: Line, chance: () => number): void {
    const { socket, up, down, slow } = line;
    for (const one of socket.sent.slice(line.taken)) if (typeof one === "string") up.push(JSON.parse(one) as ClientMessage);
    line.taken = socket.sent.length;
    if (performance.now() < line.stillUntil) return;
    if (line.greeted && performance.now() - line.tickedAt >= 1000) {
      line.tickedAt = performance.now();
      down.push({ type: "tick", seq: this.facts.length, at: 0, linked: true, every: 1000 });
    }
    while (up.length > 0 && chance() > slow) this.hear(line, up.shift()!);
    while (down.length > 0 && chance() > slow) {
      const message = down.shift()!;
      if (socket.readyState === Socket.OPEN) socket.says(message);
    }
  }

  private hear(line: Line, message: ClientMessage): void {
    if (message.type === "hello") {
      const known = message.last_seq <= this.facts.length && this.facts.length - message.last_seq <= REPLAYED;
      const facts = known ? this.facts.slice(message.last_seq) : this.facts.slice(-REPLAYED);
      line.down.push(welcomeOf("Ines", { seq: this.facts.length, mode: known ? "replay" : "reset", facts }));
      line.greeted = true;
      line.tickedAt = performance.now();
    } else if (message.type === "op") line.down.push(...this.answer(message));
  }

  /** Each operation is done once, whatever was said of it before. */
  private answer({ id, act }: Operation): ServerMessage[] {
    const refused = (code: string): ServerMessage[] => [{ type: "refused", op: id, code, params: {} }];
    const before = this.facts.find(({ op }) => op === id);
    if (before !== undefined) return [{ type: "ack", op: id, seq: before.seq }];
    if (id.endsWith(WRONG)) return refused("error-room-operation");
    if (this.healed) return [{ type: "ack", op: id, seq: this.done("Ines", id, act) }];
    if (this.chance() < 0.05) return []; // not done, and no word of it
    if (this.chance() < 0.1) return refused("error-room-too-fast");
    const away = performance.now() < this.awayUntil;
    if (away && this.chance() < 0.5) return refused("error-unavailable");
    const seq = this.done("Ines", id, act);
    if (this.chance() < 0.1) return []; // the fact says so, if it comes
    return away ? refused("error-unavailable") : [{ type: "ack", op: id, seq }];
  }

  private done(actor: string, op: string, act: Act | undefined): number {
    const seq = this.facts.length + 1;
    const text = act?.kind === "say" ? act.text : op;
    const fact: Fact = { type: "fact", seq, kind: "said", body: { text, view: null, slide: "s", line: op }, actor, name: actor, at: "", op };
    this.facts.push(fact);
    this.news.push(fact);
    return seq;
  }

  /** To whom it is lost, now and then, must find so. */
  private tell(fact: Fact): void {
    for (const line of this.lines) if (line.greeted && (this.healed || this.chance() > 0.05)) line.down.push(fact);
  }

  private any<T>(all: readonly T[]): T | undefined {
    return all[Math.floor(this.chance() * all.length)];
  }
}

test.each(Array.from({ length: 16 }, (_, seed) => seed + 1))("whatever is cut, late, lost or restored, all is done once, in its order, and shown so (%i)", (seed) => {
  const chance = chances(seed);
  vi.spyOn(Math, "random").mockImplementation(chance);
  const room = new Room(chance);
  for (let step = 0; step < STEPS; step += 1) room.step();
  room.heal();
  expect([room.state, room.session.waiting]).toEqual(["open", 0]);
  expect(room.astray).toEqual([]);
  expect(room.shown).toEqual(room.expected);
  const wrong = (operation: string): boolean => operation.endsWith(WRONG);
  expect(room.refused).toEqual(room.made.filter(wrong));
  const said = room.facts.filter(({ actor }) => actor === "Ines").map(({ op }) => op);
  expect(said).toEqual(room.made.filter((operation) => !wrong(operation) && !room.gone.has(operation)));
  expect(room.resets).toBeGreaterThan(0);
  expect(said.length).toBeGreaterThan(STEPS / 20);
});
