// Names of tiles below /slides/{id}/tiles/, and the answer that carries many of them. Pure; the server's are in
// web/tiles.py.

import type { Coding } from "./quality";
import type { Place } from "./pyramid";

/** `channel` undefined: of a slide without channels. */
export function tileName(place: Place, plane: number, channel: number | undefined, coding: Coding): string {
  const name = `${place.level}/${place.column}_${place.row}`;
  return `${name}${plane > 0 ? `_z${plane}` : ""}${channel === undefined ? "" : `_c${channel}`}${coding === "reduced" ? ".avif" : ""}`;
}

/** The server takes no more in one request. */
export const MOST_NAMES = 32;

export const batchName = (names: readonly string[]): string => `batch/${names.map((name) => name.replace("/", "-")).join("+")}`;

export interface Carried {
  readonly status: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const HEAD = 6;

/** Takes a batch apart as it comes: of each name a length (u32), a status (u16), both big-endian, and so many bytes. */
export class BatchReader {
  private rest: Uint8Array<ArrayBuffer> = new Uint8Array();

  push(chunk: Uint8Array): Carried[] {
    const bytes = new Uint8Array(this.rest.length + chunk.length);
    bytes.set(this.rest);
    bytes.set(chunk, this.rest.length);
    const view = new DataView(bytes.buffer);
    const carried: Carried[] = [];
    let at = 0;
    while (bytes.length - at >= HEAD) {
      const end = at + HEAD + view.getUint32(at);
      if (end > bytes.length) break;
      carried.push({ status: view.getUint16(at + 4), bytes: bytes.slice(at + HEAD, end) });
      at = end;
    }
    this.rest = bytes.slice(at);
    return carried;
  }
}
