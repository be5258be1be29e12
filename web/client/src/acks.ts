// When to tell the server how much has come on a connection, which is its credit for more: at once after so many bytes, else a
// quarter of a second after a large message, else a second after the first that it has not been told of. An ack wakes the
// server: of small frames to hundreds of followers one in fifty is enough. Pure: clocks in ms.

import type { AckRecord } from "./frames";

export const ACK_BYTES = 2048;
export const ACK_MS = 1000;
export const LARGE_BYTES = 256;
export const LARGE_MS = 250;

export class Acks {
  private received = 0;
  private told = 0;
  private bytes = 0;
  private due = 0;
  private lastAt = 0;

  /** A message of so many bytes has come. Returns when its ack is due. */
  came(bytes: number, now: number): number {
    if (this.received === this.told) this.due = now + ACK_MS;
    this.received += 1;
    this.bytes += bytes;
    this.lastAt = now;
    if (this.bytes >= ACK_BYTES) this.due = now;
    else if (bytes >= LARGE_BYTES) this.due = Math.min(this.due, now + LARGE_MS);
    return this.due;
  }

  /** What to send now; undefined: the server knows it all. */
  record(now: number): AckRecord | undefined {
    if (this.received === this.told) return undefined;
    this.told = this.received;
    this.bytes = 0;
    return { kind: "ack", received: this.received, held: Math.min(65535, Math.round(now - this.lastAt)) };
  }
}
