// Tiles that the room's socket brings unasked, kept until they are drawn, and how long one of them is waited for. Pure: clocks
// come in, in milliseconds.

import { Bounded } from "./bounded";
import type { ViewportFrame } from "./frames";
import type { Coding } from "./quality";
import { AVIF, COLOUR, UNREADABLE, type CompleteFrame, type TileFrame } from "./tile_frames";
import { tileName } from "./tile_names";

/** A tile as it came; without a picture: the server cannot read it. */
export interface PushedTile {
  readonly coding: Coding;
  readonly bytes: Uint8Array<ArrayBuffer> | undefined;
}

/** The server remembers what it sent for half as much: what it holds for known is here. */
const MOST_BYTES = 64 << 20;
/** Of keeping one. */
const OVERHEAD = 200;
/** A tile that is needed is waited for while others come at least so often. */
const PATIENCE_MS = 1500;
/** A better coding of what is drawn already. */
const REFINING_MS = 6000;

/**
 * wait: what is needed is on its way; missing: all that is pushed for the field was, fetch what is still needed; fetch: nothing
 * comes, fetch as if nothing ever did.
 */
export type Waiting = "wait" | "missing" | "fetch";

interface Field {
  readonly stream: number;
  readonly epoch: number;
  readonly sequence: number;
}

export class Pushed {
  private readonly kept = new Bounded<PushedTile>(MOST_BYTES, ({ bytes }) => OVERHEAD + (bytes?.length ?? 0));
  /** From an epoch on the room shows a slide. */
  private shown: { readonly epoch: number; readonly slide: string }[] = [];
  private field: Field | undefined;
  private heardAt = -Infinity;
  private done: Field | undefined;
  private came = -Infinity;
  private since: number | undefined;
  private followed = false;
  private moving = false;
  private small = false;
  private readonly listeners = new Set<() => void>();

  /** After each tile, each field that is complete, and when following begins or ends. */
  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  // What the room says ---------------------------------------------------------------------------------------------------

  /** From this epoch on the room shows this slide: what was known of later ones was before a backup was restored. */
  shows(slide: string, epoch: number): void {
    const before = this.shown.filter((one) => one.epoch <= epoch);
    if (before.at(-1)?.slide === slide) this.shown = before;
    else this.shown = [...before.filter((one) => one.epoch < epoch), { epoch, slide }].slice(-8);
  }

  /** A restored room counts epochs and fields that it had before. Tiles are of slides: they stay. */
  reset(): void {
    this.shown = [];
    this.field = this.done = this.since = undefined;
  }

  /** Whether this window shows the field of another, and tiles may be pushed for it. */
  follow(following: boolean): void {
    if (following === this.followed) return;
    this.followed = following;
    this.field = this.done = this.since = undefined;
    this.tell();
  }

  /** The newest field of whom this window follows. */
  heard({ stream, epoch, sequence }: ViewportFrame, now: number): void {
    this.field = { stream, epoch, sequence };
    this.heardAt = now;
  }

  /** The window is another, or shows fields otherwise: what was pushed for this one may not be all that it needs now. */
  reshaped(): void {
    this.done = this.since = undefined;
  }

  /** Whether the window is still on its way to that field: what it needs meanwhile is not pushed. */
  passes(moving: boolean): void {
    if (moving === this.moving) return;
    this.moving = moving;
    if (!moving) this.tell();
  }

  tile(frame: TileFrame, now: number): void {
    const slide = this.slideOf(frame.epoch);
    this.came = now;
    this.since = undefined;
    if (slide !== undefined) {
      const coding: Coding = frame.coding === AVIF ? "reduced" : "native";
      const channel = frame.channel === COLOUR ? undefined : frame.channel;
      const bytes = frame.coding === UNREADABLE ? undefined : frame.data;
      this.kept.set(`${slide}/${tileName(frame, frame.plane, channel, coding)}`, { coding, bytes });
      if (coding === "reduced") this.small = true;
      // Natives that come into a field at rest refine it: they say nothing of the link.
      else if (now - this.heardAt < PATIENCE_MS) this.small = false;
    }
    this.tell();
  }

  complete(frame: CompleteFrame): void {
    if (frame.coarse) return;
    this.done = { stream: frame.stream, epoch: frame.epoch, sequence: frame.field };
    this.tell();
  }

  // What the tiles of a slide ask -----------------------------------------------------------------------------------------

  /** `name`: as in its address below /slides/{id}/tiles/. */
  get(slide: string, name: string): PushedTile | undefined {
    return this.kept.get(`${slide}/${name}`);
  }

  /** Whether tiles are pushed for the field that this window follows. */
  get on(): boolean {
    return this.followed;
  }

  /** Whether they come in the small coding: the server finds the link thin. */
  get reduces(): boolean {
    return this.small;
  }

  /** What to do about tiles that are needed and not here; `needed`: whether there is one. */
  waiting(needed: boolean, now: number): Waiting {
    const { field, done } = this;
    const complete = !this.moving && field !== undefined && done?.stream === field.stream && done.epoch === field.epoch && done.sequence >= field.sequence;
    if (complete || !needed) {
      this.since = undefined;
      return complete ? "missing" : "wait";
    }
    this.since ??= now;
    return now - this.since >= PATIENCE_MS && now - this.came >= PATIENCE_MS ? "fetch" : "wait";
  }

  /** Whether nothing better of what is drawn will be pushed any more, for all that can be told. */
  rests(now: number): boolean {
    return now - Math.max(this.came, this.heardAt) >= REFINING_MS;
  }

  private slideOf(epoch: number): string | undefined {
    return this.shown.findLast((one) => one.epoch <= epoch)?.slide;
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
