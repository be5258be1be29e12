// When to tell the server how much has come on a connection, which is its credit for more: at once after so many bytes, else a
// quarter of a second after the first message that it has not been told of. Pure: clocks in ms.

import type { AckRecord } from "./frames";

export const ACK_BYTES = 2048;
export const ACK_MS = 250;

export class Acks {
  private received = 0;
  private told = 0;
  private bytes = 0;
  private firstAt = 0;
  private lastAt = 0;

  /** A message of so many bytes has come. Returns how long the ack may wait, ms. */
  came(bytes: number, now: number): number {
    if (this.received === this.told) this.firstAt = now;
    this.received += 1;
    this.bytes += bytes;
    this.lastAt = now;
    return this.bytes >= ACK_BYTES ? 0 : Math.max(0, this.firstAt + ACK_MS - now);
  }

  /** What to send now; undefined: the server knows it all. */
  record(now: number): AckRecord | undefined {
    if (this.received === this.told) return undefined;
    this.told = this.received;
    this.bytes = 0;
    return { kind: "ack", received: this.received, held: Math.min(65535, Math.round(now - this.lastAt)) };
  }
}
