// Plays the presenter's field smoothly: samples carry the time they were taken at, and are shown a little later than
// that, so that the network's jitter is not seen. Pure: clocks come in, in milliseconds.
//
// Zoom is interpolated in its logarithm, about the point that stays in place; never by a viewer's own springs.

import { shortest, type View } from "./geometry";

export interface Sample {
  readonly view: View;
  /** The sender's clock, any origin. */
  readonly time: number;
  /** Where the sender's animation will be, and in how long. */
  readonly target?: { readonly view: View; readonly milliseconds: number } | undefined;
  /** The number of its frame. */
  readonly sequence?: number;
}

const PERIOD = 1000 / 30;
const LEAST_DELAY = 40;
const MOST_DELAY = 120;
/** Beyond the last sample at most so far, towards the told target; then hold. */
const EXTRAPOLATION = 100;
/** Samples further apart than this: the presenter rested in between, and moved only just before the second. */
const REST = 120;
/** An animation that is told to be over is shown over when so little of its way is left, in fields: less than a step of it was. */
const NEARLY = 0.006;
/** Who rested and is elsewhere, by more than so many fields or times as near, has jumped: nothing lies between. */
const ELSEWHERE = 0.5;
const KEPT = 64;

/** `part` of the way from `a` to `b`, 0 to 1. */
export function between(a: View, b: View, part: number): View {
  if (part <= 0) return a;
  if (part >= 1) return b;
  const zoom = b.width / a.width;
  const width = a.width * zoom ** part;
  // A zoom about a point moves the centre in proportion to the scale, not to time: that point then stays in place.
  const moved = Math.abs(zoom - 1) < 1e-6 ? part : (width - a.width) / (b.width - a.width);
  return {
    x: a.x + (b.x - a.x) * moved,
    y: a.y + (b.y - a.y) * moved,
    width,
    height: a.height * (b.height / a.height) ** part,
    rotation: a.rotation + shortest(a.rotation, b.rotation) * part,
    flip: b.flip,
  };
}

export class Follower {
  private samples: Sample[] = [];
  /** Arrival minus sender's time, of the last samples; the smallest is the path without queue. */
  private offsets: number[] = [];
  private played: Sample | undefined;
  /** The last sample is shown, before its time. */
  private over = false;

  clear(): void {
    this.samples = [];
    this.offsets = [];
    this.played = undefined;
    this.over = false;
  }

  /** What `at` gave last is this sample's, or on the way from it to the next. */
  get reached(): Sample | undefined {
    return this.played;
  }

  push(sample: Sample, arrived: number): void {
    const last = this.samples.at(-1);
    if (last !== undefined && sample.time <= last.time) return;
    this.over = sample.target === undefined && last !== undefined && sample.time - last.time > REST && apart(last.view, sample.view) > ELSEWHERE;
    this.samples.push(sample);
    this.offsets.push(arrived - sample.time);
    if (this.samples.length > KEPT) this.samples.shift();
    if (this.offsets.length > KEPT) this.offsets.shift();
  }

  /** Between a sample's taking and its showing, on top of the fastest path: one sample and most of the jitter. */
  delay(): number {
    const fastest = Math.min(...this.offsets);
    const late = this.offsets.map((offset) => offset - fastest).sort((a, b) => a - b);
    const jitter = late[Math.floor((late.length - 1) * 0.95)] ?? 0;
    return Math.min(Math.max(PERIOD + jitter, LEAST_DELAY), MOST_DELAY);
  }

  /** The field to show now; undefined: nothing was heard yet. */
  at(now: number): View | undefined {
    const last = this.samples.at(-1);
    if (last === undefined) return undefined;
    this.played = last;
    if (this.over || this.samples.length === 1) return last.view; // a late comer sees the present field at once
    const time = now - Math.min(...this.offsets) - this.delay();
    if (time >= last.time) return ahead(last, time - last.time);
    let next = this.samples.length - 1;
    while (next > 0 && this.samples[next - 1]!.time > time) next--;
    const b = this.samples[next]!;
    const a = this.samples[next - 1];
    if (a === undefined) return b.view;
    if (time < b.time) this.played = a;
    const start = b.time - a.time > REST ? b.time - PERIOD : a.time;
    const view = between(a.view, b.view, (time - start) / (b.time - start));
    this.over = last.target === undefined && this.samples.at(-2)?.target !== undefined && apart(view, last.view) < NEARLY;
    if (!this.over) return view;
    this.played = last;
    return last.view;
  }

  /** Whether what `at` gives will change without another sample. */
  moving(now: number): boolean {
    const last = this.samples.at(-1);
    if (last === undefined || this.over || this.samples.length === 1) return false;
    const rest = last.target === undefined ? 0 : EXTRAPOLATION;
    return now - Math.min(...this.offsets) - this.delay() < last.time + rest;
  }
}

/** How far `b` is from `a`: in fields to the side, as a logarithm of the zoom, in turns; the greatest of them. */
function apart(a: View, b: View): number {
  const side = Math.hypot(b.x - a.x, b.y - a.y) / b.width;
  return Math.max(side, Math.abs(Math.log(b.width / a.width)), Math.abs(shortest(a.rotation, b.rotation)) / 360);
}

function ahead(last: Sample, milliseconds: number): View {
  if (last.target === undefined || last.target.milliseconds <= 0) return last.view;
  return between(last.view, last.target.view, Math.min(milliseconds, EXTRAPOLATION) / last.target.milliseconds);
}
