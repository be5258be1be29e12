// Everybody's pointers, with name and colour, above the tissue. Pure: room_view.ts draws what is shown.

import { toScreen, type Point, type Size, type View } from "./geometry";
import type { PointerFrame } from "./frames";
import { colourOf, type Member } from "./messages";

/** A pointer as it is shown: level-0 px, and whose it is. */
export interface Pointer extends Point {
  readonly name: string;
  readonly colour: string;
}

interface Heard {
  person: string;
  /** Where it is, and where it is drawn: it glides there in a few frames. */
  place: Point;
  drawn: Point;
}

/** The part of its way that a pointer glides in one frame. */
const SHARE = 0.45;
/** Screen px beyond the window's edge where a pointer may still be seen. */
const MARGIN = 20;

export class Pointers {
  private readonly heard = new Map<number, Heard>();
  private members: readonly Member[] = [];

  /** `still`: pointers jump, the person asked the system for less motion. */
  constructor(private readonly still: boolean) {}

  /** One frame further: the pointers to draw in this window, in the order in which they were first heard. */
  next(view: View, window: Size): Pointer[] {
    const share = this.still ? 1 : SHARE;
    const shown: Pointer[] = [];
    for (const pointer of this.heard.values()) {
      const member = this.members.find((one) => one.person === pointer.person);
      if (member === undefined) continue;
      pointer.drawn = {
        x: pointer.drawn.x + (pointer.place.x - pointer.drawn.x) * share,
        y: pointer.drawn.y + (pointer.place.y - pointer.drawn.y) * share,
      };
      const at = toScreen(view, window, pointer.drawn);
      if (at.x > -MARGIN && at.y > -MARGIN && at.x < window.width + MARGIN && at.y < window.height + MARGIN) {
        shown.push({ name: member.name, colour: colourOf(member.colour), ...pointer.drawn });
      }
    }
    return shown;
  }

  /** Whether a pointer still glides. */
  gliding(pixel: number): boolean {
    return [...this.heard.values()].some(
      ({ place, drawn }) => Math.hypot(place.x - drawn.x, place.y - drawn.y) > pixel / 2,
    );
  }

  /** The people here now; who has left takes their pointer along. */
  present(members: readonly Member[], own: string): void {
    this.members = members.filter((member) => member.person !== own);
    const streams = new Set(this.members.flatMap((member) => member.streams));
    for (const stream of this.heard.keys()) if (!streams.has(stream)) this.heard.delete(stream);
  }

  hear(frame: PointerFrame): void {
    const member = this.members.find((one) => one.streams.includes(frame.stream));
    if (frame.gone || member === undefined) {
      this.heard.delete(frame.stream);
      return;
    }
    const place = { x: frame.x / 256, y: frame.y / 256 };
    const before = this.heard.get(frame.stream);
    this.heard.set(frame.stream, {
      person: member.person, place, drawn: before?.drawn ?? place,
    });
  }

  clear(): void {
    this.heard.clear();
  }
}
