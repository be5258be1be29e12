// Which tile is fetched next. Pure: the view comes in, jobs go out.
//
// OpenSeadragon asks for tiles of every level it passes on its way and cancels none (a zoom out over a thin link fetched
// hundreds that nobody saw). Here the coarse picture comes first, then the sharp one from its centre outwards, and what
// the current view does not need is dropped; OpenSeadragon asks again when it comes back.

import { around, type Region, type View } from "./geometry";

export interface Candidate {
  readonly region: Region;
  /** Level-0 px per px of the tile's level. */
  readonly downsample: number;
  /** Of the coarsest level: the slide has nothing cheaper to show, however small it is on screen. */
  readonly coarsest: boolean;
  /** A better picture of what is drawn already: when nothing else is wanted. */
  readonly refining?: boolean;
}

/** Around the view: tiles this far outside (in views) are still wanted, for the next pan. */
const MARGIN = 0.15;
/** A level this many times finer than the screen is a leftover of an earlier view. */
const TOO_FINE = 0.4;
/** A level this many times coarser than the screen is the quick picture. */
const COARSE = 3.5;

export interface Need {
  readonly view: View;
  /** Level-0 px per device px. */
  readonly downsample: number;
}

/** Smaller comes first; undefined: not needed for this view. */
export function rank(candidate: Candidate, need: Need): number | undefined {
  const box = around(need.view);
  const { region } = candidate;
  const farX = Math.abs(region.x + region.width / 2 - need.view.x) - region.width / 2 - box.width * (0.5 + MARGIN);
  const farY = Math.abs(region.y + region.height / 2 - need.view.y) - region.height / 2 - box.height * (0.5 + MARGIN);
  if (farX > 0 || farY > 0) return undefined;
  const coarseness = candidate.downsample / need.downsample;
  if (coarseness < TOO_FINE && !candidate.coarsest) return undefined;
  const x = (region.x + region.width / 2 - need.view.x) / box.width;
  const y = (region.y + region.height / 2 - need.view.y) / box.height;
  const distance = Math.min(Math.hypot(x, y), 9);
  // Quick picture, then sharp tiles, then the levels between: by then they are mostly covered.
  const group = candidate.refining ? 3 : coarseness >= COARSE ? 0 : coarseness < 1.6 ? 1 : 2;
  return group * 10 + distance;
}

export class TileQueue<Job> {
  private readonly waiting = new Map<Job, Candidate>();

  get size(): number {
    return this.waiting.size;
  }

  jobs(): IterableIterator<Job> {
    return this.waiting.keys();
  }

  add(job: Job, candidate: Candidate): void {
    this.waiting.set(job, candidate);
  }

  delete(job: Job): void {
    this.waiting.delete(job);
  }

  /** Takes out at most `count` jobs of those `among` all, the most wanted first, and everything the view no longer needs. */
  take(count: number, need: Need, among: (job: Job) => boolean = () => true): { start: Job[]; drop: Job[] } {
    const ranked: [Job, number][] = [];
    const drop: Job[] = [];
    for (const [job, candidate] of this.waiting) {
      const place = rank(candidate, need);
      if (place === undefined) drop.push(job);
      else if (among(job)) ranked.push([job, place]);
    }
    ranked.sort((a, b) => a[1] - b[1]);
    const start = ranked.slice(0, Math.max(0, count)).map(([job]) => job);
    for (const job of [...start, ...drop]) this.waiting.delete(job);
    return { start, drop };
  }
}
