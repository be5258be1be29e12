// What others say of the field that they are shown: whether it is sharp on their screens, and how much of the slide those show. Pure.

import type { ReceiptFrame } from "./frames";
import type { Point, View } from "./geometry";
import type { Member } from "./messages";

/** How a field is on somebody's screen: tiles are missing; all are there, some of them coarse; as sharp as that screen can be. */
export type Sharpness = "loading" | "usable" | "sharp";

/** A field that was sent: its stream and its number. */
export interface Sent {
  readonly stream: number;
  readonly field: number;
}

/** A common frame this much of the field is the field. */
const ALL = 0.985;

export class Receipts {
  /** The newest of each stream. */
  private readonly newest = new Map<number, ReceiptFrame>();

  hear(frame: ReceiptFrame): void {
    const before = this.newest.get(frame.stream);
    if (before !== undefined && (frame.epoch < before.epoch || (frame.epoch === before.epoch && frame.sequence <= before.sequence))) return;
    this.newest.set(frame.stream, frame);
  }

  /** The people here now: nobody else is counted. */
  present(members: readonly Member[]): void {
    const streams = new Set(members.flatMap((member) => member.streams));
    for (const stream of this.newest.keys()) if (!streams.has(stream)) this.newest.delete(stream);
  }

  /** A restored room counts on from an epoch that it had before: what comes now is newer than all that was heard. */
  reset(): void {
    this.newest.clear();
  }

  /** How the newest field is on this member's screen; of several windows, on the sharpest. */
  of(member: Member, sent: Sent | undefined): Sharpness {
    const receipt = this.answer(member, sent);
    if (receipt?.sharp === true) return "sharp";
    return receipt?.usable === true ? "usable" : "loading";
  }

  /** On how many of their screens it is sharp. */
  sharp(members: readonly Member[], sent: Sent | undefined): number {
    return members.filter((member) => this.of(member, sent) === "sharp").length;
  }

  /**
   * The part of `field` that all of them see. Undefined: each sees all of it, or somebody has not answered yet; who never
   * answered is not waited for.
   */
  common(members: readonly Member[], sent: Sent | undefined, field: View): View | undefined {
    const speaking = members.filter((member) => member.streams.some((stream) => this.newest.has(stream)));
    const answers = speaking.map((member) => this.answer(member, sent));
    if (answers.length === 0 || answers.includes(undefined)) return undefined;
    const scale = (value: number): number => value / 256;
    const shown = answers.map((one) => ({ x: scale(one!.x), y: scale(one!.y), width: scale(one!.width), height: scale(one!.height) }));
    return commonPart(field, shown);
  }

  private answer(member: Member, sent: Sent | undefined): ReceiptFrame | undefined {
    const rank = (one: ReceiptFrame): number => (one.sharp ? 2 : one.usable ? 1 : 0);
    const answers = member.streams
      .map((stream) => this.newest.get(stream))
      .filter((one): one is ReceiptFrame => one !== undefined && one.of === sent?.stream && one.field === sent.field);
    return answers.sort((a, b) => rank(b) - rank(a))[0];
  }
}

/**
 * What is left of `field` within all of the windows: centre and extent before a rotation that is the field's own, level-0 px.
 * Undefined: nothing is cut off, or nothing is left.
 */
export function commonPart(field: View, windows: readonly (Point & { width: number; height: number })[]): View | undefined {
  const angle = (field.rotation * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  // About the centre of the field, along its own sides.
  let [left, top, right, bottom] = [-field.width / 2, -field.height / 2, field.width / 2, field.height / 2];
  for (const window of windows) {
    const [dx, dy] = [window.x - field.x, window.y - field.y];
    const [x, y] = [dx * cos - dy * sin, dx * sin + dy * cos];
    left = Math.max(left, x - window.width / 2);
    right = Math.min(right, x + window.width / 2);
    top = Math.max(top, y - window.height / 2);
    bottom = Math.min(bottom, y + window.height / 2);
  }
  const [width, height] = [right - left, bottom - top];
  if (width <= 0 || height <= 0) return undefined;
  if (width >= ALL * field.width && height >= ALL * field.height) return undefined;
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  return { x: field.x + x * cos + y * sin, y: field.y + y * cos - x * sin, width, height, rotation: field.rotation, flip: field.flip };
}
