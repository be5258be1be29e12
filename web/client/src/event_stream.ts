// The room where WebSockets are blocked: server-sent events, and a POST for each operation.

import { ANSWER_MS, request } from "./activity";
import { decode, type Operation, type ServerMessage } from "./messages";

export interface StreamEvents {
  message(message: ServerMessage): void;
  binary(bytes: Uint8Array<ArrayBuffer>): void;
  /** The server closed it, and says why. */
  closed(code: number): void;
  /** It did not open, or was cut. */
  cut(): void;
}

/** The server speaks each second. A proxy may gather what it says; after so long without a word the stream is dead, though nothing closed it. */
const SILENCE_MS = 15_000;

const TYPES = ["welcome", "fact", "presence", "tick", "refused", "ack"];

export const bytesOf = (base64: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

export class EventStream {
  private readonly source: EventSource;
  private ended = false;
  private timer = 0;

  constructor(
    private readonly room: string,
    lastSeq: number,
    private readonly on: StreamEvents,
  ) {
    this.source = new EventSource(`/rooms/${room}/facts?last_seq=${lastSeq}`);
    for (const type of TYPES) {
      this.source.addEventListener(type, (event) => {
        this.heard();
        const message = decode(String(event.data));
        if (message !== undefined) this.on.message(message);
      });
    }
    this.source.addEventListener("frames", (event) => {
      this.heard();
      this.on.binary(bytesOf(String(event.data)));
    });
    this.source.addEventListener("close", (event) => {
      this.end();
      this.on.closed((JSON.parse(String(event.data)) as { code: number }).code);
    });
    this.source.addEventListener("error", () => this.cut());
    this.heard();
  }

  end(): void {
    this.ended = true;
    window.clearTimeout(this.timer);
    this.source.close();
  }

  private heard(): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.cut(), SILENCE_MS);
  }

  private cut(): void {
    if (this.ended) return;
    this.end();
    this.on.cut();
  }

  /** The answer of the server; undefined: there was none, or none of the protocol. */
  async post(operation: Operation): Promise<ServerMessage | undefined> {
    try {
      const answer = await request(`/rooms/${this.room}/operations`, {
        method: "POST",
        credentials: "same-origin",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify(operation),
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      return decode(await answer.text());
    } catch {
      return undefined;
    }
  }
}
