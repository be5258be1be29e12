// Everybody's pointers, with name and colour, above the tissue.

import { toScreen, type Point } from "./geometry";
import type { PointerFrame } from "./frames";
import { colourOf, type Member } from "./messages";
import { drawPointer, type Overlay } from "./overlay";

interface Shown {
  person: string;
  /** Where it is, and where it is drawn: it glides there in a few frames. */
  place: Point;
  drawn: Point;
}

export class Pointers {
  private readonly shown = new Map<number, Shown>();
  private members: readonly Member[] = [];

  constructor(overlay: Overlay, still: boolean) {
    overlay.add((context, view, window) => {
      for (const pointer of this.shown.values()) {
        const member = this.members.find((one) => one.person === pointer.person);
        if (member === undefined) continue;
        const share = still ? 1 : 0.45;
        pointer.drawn = {
          x: pointer.drawn.x + (pointer.place.x - pointer.drawn.x) * share,
          y: pointer.drawn.y + (pointer.place.y - pointer.drawn.y) * share,
        };
        const at = toScreen(view, window, pointer.drawn);
        if (at.x > -20 && at.y > -20 && at.x < window.width + 20 && at.y < window.height + 20) {
          drawPointer(context, at, member.name, colourOf(member.colour), window);
        }
      }
    });
  }

  /** Whether a pointer still glides. */
  gliding(pixel: number): boolean {
    return [...this.shown.values()].some(
      ({ place, drawn }) => Math.hypot(place.x - drawn.x, place.y - drawn.y) > pixel / 2,
    );
  }

  /** The people here now; who has left takes their pointer along. */
  present(members: readonly Member[], own: string): void {
    this.members = members.filter((member) => member.person !== own);
    const streams = new Set(this.members.flatMap((member) => member.streams));
    for (const stream of this.shown.keys()) if (!streams.has(stream)) this.shown.delete(stream);
  }

  heard(frame: PointerFrame): void {
    const member = this.members.find((one) => one.streams.includes(frame.stream));
    if (frame.gone || member === undefined) {
      this.shown.delete(frame.stream);
      return;
    }
    const place = { x: frame.x / 256, y: frame.y / 256 };
    const before = this.shown.get(frame.stream);
    this.shown.set(frame.stream, {
      person: member.person, place, drawn: before?.drawn ?? place,
    });
  }

  clear(): void {
    this.shown.clear();
  }
}
