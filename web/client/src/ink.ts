// Ink in a room: lines that are being drawn (frames), and those that stay (facts). Pure: places in level-0 px, clocks in ms.

import { EXPONENT, STEPS, type StrokeFrame } from "./frames";
import type { Point } from "./geometry";
import type { Fact, Member } from "./messages";

export type Line = readonly Point[];
/** As `{"kind":"draw"}` and `GET /rooms/{id}/drawings` have them. */
export type Pairs = readonly (readonly [number, number])[];

/** Of one drawing, as the server takes it. */
export const POINTS = 1000;
const UNITS = 256;
const FAR = 2 ** 15 - 1;
/** A line that was let go stays until its fact is here, at most so long; and one that nobody goes on with. */
const LINGER_MS = 4000;
const LEFT_MS = 30_000;
/** A line's first point as a frame has it and as a fact does, level-0 px. */
const ROUNDED = 0.02;

export const linesOf = (pairs: Pairs): Line => pairs.map(([x, y]) => ({ x, y }));
export const pairsOf = (line: Line): Pairs => line.map(({ x, y }) => [x, y]);

/** The line with as few of its points as leave none of the others further than `tolerance` away (Ramer, Douglas and Peucker). */
export const simplified = (line: Line, tolerance: number): Line => heavier(line, weights(line), tolerance);

/** The same with at most `most` points, coarser where it has to be. `pixel`: what one screen px covers. */
export function fitted(line: Line, pixel: number, most: number): Line {
  const heavy = weights(line);
  const limit = heavy.length <= most ? 0 : Float64Array.from(heavy).sort()[heavy.length - most - 1]!;
  return heavier(line, heavy, Math.max(pixel, limit));
}

const heavier = (line: Line, heavy: Float64Array, tolerance: number): Line => line.filter((_, index) => heavy[index]! > tolerance);

/** Of each point the tolerance up to which it is kept. In the worst case the square of their number is computed. */
function weights(line: Line): Float64Array {
  const heavy = new Float64Array(line.length).fill(Infinity, 0, 1).fill(Infinity, line.length - 1);
  const parts: [number, number, number][] = [[0, line.length - 1, Infinity]];
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    const [first, last, most] = part;
    let furthest = -1;
    let at = 0;
    for (let index = first + 1; index < last; index += 1) {
      const off = squared(line[index]!, line[first]!, line[last]!);
      if (off > furthest) [furthest, at] = [off, index];
    }
    if (at === 0) continue;
    const weight = Math.min(most, Math.sqrt(furthest));
    heavy[at] = weight;
    parts.push([first, at, weight], [at, last, weight]);
  }
  return heavy;
}

/** The square of the distance of `point` from the straight line between two others, or from the nearer of their ends. */
function squared(point: Point, from: Point, to: Point): number {
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((point.x - from.x) * dx + (point.y - from.y) * dy) / length));
  const x = point.x - from.x - along * dx;
  const y = point.y - from.y - along * dy;
  return x * x + y * y;
}

/** What of a frame says where the line runs. `line` has a point at least. */
export function strokeOf(line: Line, pixel: number, plane: number, gone: boolean): Omit<StrokeFrame, "kind" | "stream" | "epoch" | "sequence" | "time"> {
  const points = fitted(line, pixel, STEPS + 1).map(({ x, y }) => ({ x: Math.round(x * UNITS), y: Math.round(y * UNITS) }));
  const [first, ...rest] = points as [Point, ...Point[]];
  for (let exponent = 0; ; exponent += 1) {
    const unit = 2 ** exponent;
    let { x, y } = first;
    const steps = rest.map((point): [number, number] => {
      const step: [number, number] = [Math.round((point.x - x) / unit), Math.round((point.y - y) / unit)];
      // From where the others come out, so that nothing adds up.
      [x, y] = [x + step[0] * unit, y + step[1] * unit];
      return step;
    });
    const near = steps.every(([dx, dy]) => Math.abs(dx) <= FAR && Math.abs(dy) <= FAR);
    if (near || exponent === EXPONENT) return { ...first, plane, exponent, steps: near ? steps : [], gone };
  }
}

export function lineOf(frame: Pick<StrokeFrame, "x" | "y" | "exponent" | "steps">): Line {
  let { x, y } = frame;
  const unit = 2 ** frame.exponent;
  const line = [{ x: x / UNITS, y: y / UNITS }];
  for (const [dx, dy] of frame.steps) {
    [x, y] = [x + dx * unit, y + dy * unit];
    line.push({ x: x / UNITS, y: y / UNITS });
  }
  return line;
}

/** A line as it is drawn: `seq` 0 while it is no fact yet. */
export interface Drawing {
  readonly seq: number;
  readonly person: string;
  readonly colour: number;
  readonly plane: number;
  readonly line: Line;
}

/** As `GET /rooms/{id}/drawings` tells it. */
export interface DrawingRead {
  readonly seq: number;
  readonly plane: number;
  readonly points: Pairs;
  readonly person: string;
  readonly colour: number;
}

interface Waiting {
  readonly slide: string;
  readonly plane: number;
  readonly line: Line;
}

interface Draft {
  readonly person: string;
  readonly plane: number;
  readonly line: Line;
  readonly gone: boolean;
  readonly until: number;
}

const same = (one: Point | undefined, other: Point | undefined): boolean =>
  one !== undefined && other !== undefined && Math.hypot(one.x - other.x, one.y - other.y) < ROUNDED;

/** All ink of the slide that is open. */
export class Ink {
  private slide = "";
  private readonly standing = new Map<number, Drawing>();
  /** What was erased while the list of what stands was on its way. */
  private readonly erased = new Set<number>();
  /** One's own that are no facts yet, by their operations. */
  private readonly waiting = new Map<string, Waiting>();
  private readonly drafts = new Map<number, Draft>();
  /** What one erases, until the server has: by the operation that does it. */
  private readonly erasing = new Map<string, number>();
  /** One's own that are to be erased as soon as they are facts. */
  private readonly unwanted = new Set<string>();
  /** Where the last line of somebody began that became a fact: its frames may come after it. */
  private readonly done = new Map<string, Point>();
  private readonly colours = new Map<string, number>();
  private members: readonly Member[] = [];

  constructor(readonly own: string) {}

  get ownColour(): number {
    return this.colourOf(this.own);
  }

  /** Another slide, or this one anew: what stands is read again. */
  open(slide: string): void {
    this.slide = slide;
    this.standing.clear();
    this.drafts.clear();
  }

  /**
   * The room's facts are others (a backup was restored): a number that was erased may be another line's now. What was answered is
   * among what is read, or was done after the backup. `waits`: whether an operation of one's own is still to be answered.
   */
  reset(waits: (operation: string) => boolean): void {
    this.erased.clear();
    this.done.clear();
    for (const own of [this.waiting, this.erasing]) for (const operation of own.keys()) if (!waits(operation)) own.delete(operation);
  }

  present(members: readonly Member[]): void {
    this.members = members;
    for (const { person, colour } of members) this.colours.set(person, colour);
    const streams = new Set(members.flatMap((member) => member.streams));
    for (const stream of this.drafts.keys()) if (!streams.has(stream)) this.drafts.delete(stream);
  }

  read(slide: string, drawings: readonly DrawingRead[]): void {
    for (const { seq, plane, points, person, colour } of drawings) {
      if (!this.colours.has(person)) this.colours.set(person, colour);
      if (slide === this.slide && !this.erased.has(seq)) this.standing.set(seq, { seq, person, colour, plane, line: linesOf(points) });
    }
  }

  /** Whether it is known in which colour this person draws: of who left, the list of what stands says it. */
  knows(person: string): boolean {
    return this.colours.has(person);
  }

  /** The fact that is to be erased now; undefined: none is. */
  heard(fact: Fact): number | undefined {
    if (fact.kind === "erased") {
      this.erasing.delete(fact.op);
      this.erased.add(fact.body.drawn);
      this.standing.delete(fact.body.drawn);
    }
    if (fact.kind !== "drawn") return undefined;
    this.waiting.delete(fact.op);
    const { slide, plane, points } = fact.body;
    const [start] = linesOf(points);
    if (start !== undefined) this.done.set(fact.actor, start);
    for (const [stream, { person, gone, line }] of this.drafts) {
      if (person === fact.actor && (gone || same(line[0], start))) this.drafts.delete(stream);
    }
    const unwanted = this.unwanted.delete(fact.op) ? fact.seq : undefined;
    if (slide !== this.slide || this.erased.has(fact.seq)) return unwanted;
    this.standing.set(fact.seq, { seq: fact.seq, person: fact.actor, colour: this.colourOf(fact.actor), plane, line: linesOf(points) });
    return unwanted;
  }

  /** One's own line, on its way to be a fact: of the slide that it was drawn on, whichever is open by now. */
  committed(operation: string, slide: string, plane: number, line: Line): void {
    this.waiting.set(operation, { slide, plane, line });
  }

  /** A drawing that one erases: it is not shown from now. */
  erase(operation: string, seq: number): void {
    this.erasing.set(operation, seq);
  }

  /** It will not be done. */
  refused(operation: string): void {
    this.waiting.delete(operation);
    this.unwanted.delete(operation);
    this.erasing.delete(operation);
  }

  /** One's own last line on this slide: its fact, to be erased; undefined: there is none, or it is no fact yet and goes then. */
  undo(): number | undefined {
    const last = [...this.waiting].filter(([operation, one]) => one.slide === this.slide && !this.unwanted.has(operation)).pop();
    if (last === undefined) return this.facts(this.own)[0];
    this.unwanted.add(last[0]);
    return undefined;
  }

  /** A line that somebody else is drawing. */
  draft(frame: StrokeFrame, now: number): void {
    const member = this.members.find((one) => one.streams.includes(frame.stream));
    if (member === undefined) return;
    const { gone, plane } = frame;
    const line = lineOf(frame);
    if (same(line[0], this.done.get(member.person))) return;
    this.drafts.set(frame.stream, { person: member.person, plane, line, gone, until: now + (gone ? LINGER_MS : LEFT_MS) });
  }

  /** What to draw on this slide, the oldest first. */
  shown(now: number): Drawing[] {
    for (const [stream, { until }] of this.drafts) if (until <= now) this.drafts.delete(stream);
    const waiting = [...this.waiting]
      .filter(([operation, { slide }]) => slide === this.slide && !this.unwanted.has(operation))
      .map(([, one]) => ({ ...one, person: this.own }));
    return [
      ...this.left().sort((a, b) => a.seq - b.seq),
      ...[...this.drafts.values(), ...waiting].map(({ person, plane, line }) => ({ seq: 0, person, colour: this.colourOf(person), plane, line })),
    ];
  }

  /** The facts of what stands on this slide, the newest first; `person`: only theirs. */
  facts(person?: string): readonly number[] {
    const theirs = this.left().filter((one) => person === undefined || one.person === person);
    return theirs.map(({ seq }) => seq).sort((a, b) => b - a);
  }

  private left(): Drawing[] {
    const erasing = new Set(this.erasing.values());
    return [...this.standing.values()].filter(({ seq }) => !erasing.has(seq));
  }

  private colourOf(person: string): number {
    return this.colours.get(person) ?? 0;
  }
}
