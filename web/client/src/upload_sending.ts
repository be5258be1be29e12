// One slide on its way: its files one after another by tus, until all is there. The only module that imports tus-js-client.

import { DetailedError, Upload } from "tus-js-client";
import { doubt, idleSeconds, request } from "./activity";
import type { ChosenFile } from "./upload_choice";
import { nameOf, Pace } from "./upload_plan";

export interface ToldFile {
  readonly number: number;
  readonly path: string;
  readonly bytes: number;
  readonly received: number;
  readonly sha256: string;
  readonly address: string;
}

/** An upload as the server tells of it (web/routes/uploads.py). */
export interface Told {
  readonly id: string;
  readonly status: string;
  readonly name: string;
  readonly bytes: number;
  readonly received: number;
  readonly label: string;
  readonly message: string;
  /** The case has the very same slide already. */
  readonly twice: boolean;
  readonly slide: string;
  readonly expires_at: string;
  readonly files: readonly ToldFile[];
}

/** Bytes of one request: what a cut line loses at most. The server takes 16 MiB. */
const PIECE = 8 << 20;
/** ms. Then the line counts as cut, and is tried again at each of the last, and whenever the browser says that it is back. */
const RETRIES = [500, 1000, 2000];
const AGAIN = 5000;

/** What the server will not take, whatever is tried. */
export class Refusal extends Error {
  constructor(
    message: string,
    readonly twice: boolean,
  ) {
    super(message);
  }
}

export class Sending {
  state: "queued" | "receiving" | "paused" | "cut" = "queued";
  signedOut = false;
  readonly pace = new Pace();
  private readonly there = new Map<number, number>();
  private current: Upload | undefined;
  private goOn: (() => void) | undefined;
  private stopped = false;

  constructor(
    private readonly told: Told,
    private readonly files: readonly ChosenFile[],
    private readonly changed: () => void,
  ) {
    for (const file of told.files) this.there.set(file.number, file.received);
  }

  get sent(): number {
    return [...this.there.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Whether all is there; false: it was given up. Raises what the server refuses for good. */
  async run(): Promise<boolean> {
    if (this.state === "queued") this.resume();
    for (const file of this.told.files) {
      const chosen = this.files.find((one) => one.path === file.path)
        ?? this.files.find((one) => nameOf(one.path) === nameOf(file.path) && one.size === file.bytes);
      while (!this.stopped && chosen !== undefined && (this.there.get(file.number) ?? 0) < file.bytes) {
        if (this.state !== "receiving") await this.waiting();
        else await this.attempt(file, chosen.file);
      }
      if (this.stopped) return false;
    }
    return true;
  }

  /** The line may be cut in between: again then, as often as it takes. */
  async commit(): Promise<Told> {
    for (;;) {
      const answer = await request(`/uploads/${this.told.id}/commit`, { method: "POST", headers: { Accept: "application/json" } })
        .catch(() => undefined);
      if (answer?.ok === true) return (await answer.json()) as Told;
      if (answer !== undefined && answer.status < 500 && answer.status !== 401) {
        const { error, message } = (await answer.json()) as { error: string; message: string };
        throw new Refusal(message, error === "error-slide-twice");
      }
      this.cut(answer?.status === 401);
      await this.waiting();
    }
  }

  async pause(): Promise<void> {
    this.state = "paused";
    this.pace.rest();
    this.changed();
    await this.current?.abort();
    this.goOn?.();
  }

  resume(): void {
    this.state = "receiving";
    this.changed();
    this.goOn?.();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.current?.abort();
    this.goOn?.();
  }

  private cut(signedOut: boolean): void {
    this.signedOut = signedOut;
    this.state = "cut";
    this.pace.rest();
    this.changed();
    if (signedOut) doubt();
  }

  /** Until somebody goes on, or, of a line that was cut, it may be back. */
  private waiting(): Promise<void> {
    return new Promise((resolve) => {
      const back = (): void => {
        if (this.state === "cut") this.resume();
      };
      const timer = this.state === "cut" ? window.setInterval(back, AGAIN) : 0;
      window.addEventListener("online", back);
      this.goOn = () => {
        if (this.state === "paused" && !this.stopped) return;
        window.clearInterval(timer);
        window.removeEventListener("online", back);
        this.goOn = undefined;
        resolve();
      };
    });
  }

  /** Resolves when the file is there, the line was cut, or it was paused. */
  private attempt(file: ToldFile, chosen: File): Promise<void> {
    return new Promise((resolve, reject) => {
      this.goOn = resolve;
      this.current = new Upload(chosen, {
        uploadUrl: file.address,
        chunkSize: PIECE,
        retryDelays: RETRIES,
        storeFingerprintForResuming: false,
        onBeforeRequest: (going) => {
          going.setHeader("Telepath-Idle", idleSeconds());
          going.setHeader("Accept", "application/json");
        },
        onShouldRetry: (error) => [0, 409, 423, 460, 503].includes(error.originalResponse?.getStatus() ?? 0) && navigator.onLine,
        onProgress: (bytes) => {
          this.there.set(file.number, bytes);
          this.pace.told(this.sent, performance.now());
          this.changed();
        },
        onSuccess: () => {
          this.there.set(file.number, file.bytes);
          resolve();
        },
        onError: (error) => {
          const answer = error instanceof DetailedError ? error.originalResponse : null;
          const status = answer?.getStatus() ?? 0;
          if ([400, 404, 410, 413, 507].includes(status)) reject(new Error(messageOf(answer?.getBody() ?? "")));
          else {
            this.cut(status === 401);
            resolve();
          }
        },
      });
      this.current.start();
    });
  }
}

function messageOf(body: string): string {
  try {
    return (JSON.parse(body) as { message: string }).message;
  } catch {
    return body;
  }
}
