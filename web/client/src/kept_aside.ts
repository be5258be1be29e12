// Pointers, and lines that somebody draws, of a slide that is not on this screen yet: its fact has still to come, or it is being
// opened. The newest of each is kept until it is. What is of an epoch before counts no more. Pure.

import type { PointerFrame, StrokeFrame } from "./frames";

export type Placed = PointerFrame | StrokeFrame;

export class KeptAside {
  private readonly kept = new Map<string, Placed>();

  /** Whether the frame counts on the slide that is on the screen. `epoch`: the room's; `opening`: its slide is not there yet. */
  hear(frame: Placed, epoch: number, opening: boolean): boolean {
    const name = `${frame.kind} ${frame.stream}`;
    if (frame.kind === "pointer" && frame.gone) {
      this.kept.delete(name);
      return true; // that it has left is true of any slide
    }
    if (frame.epoch === epoch && !opening) return true;
    if (frame.epoch >= epoch) this.kept.set(name, frame);
    return false;
  }

  /** The slide of this epoch is on the screen: what waited for it. */
  begin(epoch: number): readonly Placed[] {
    const waited = [...this.kept].filter(([, frame]) => frame.epoch <= epoch);
    for (const [name] of waited) this.kept.delete(name);
    return waited.flatMap(([, frame]) => (frame.epoch === epoch ? [frame] : []));
  }

  clear(): void {
    this.kept.clear();
  }
}
