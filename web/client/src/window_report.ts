// Tells the room what this page shows fields in: tiles are made and chosen for it.

import { wantsOriginal } from "./display";
import type { WindowMessage } from "./messages";
import type { SlideView } from "./slide_view";

/** One grey pixel in AVIF. */
const PIXEL =
  "AAAAHGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZgAAAOltZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAAA5waXRtAAAAAAABAAAAHmlsb2MAAAAARAAAAQABAAAA" +
  "AQAAAQ0AAAAYAAAAKGlpbmYAAAAAAAEAAAAaaW5mZQIAAAAAAQAAYXYwMUNvbG9yAAAAAGhpcHJwAAAASWlwY28AAAAUaXNwZQAAAAAAAAABAAAAAQAAAA5waXhpAAAAAAEIAAAADGF2MUOB" +
  "ABwAAAAAE2NvbHJuY2x4AAEADQAGgAAAABdpcG1hAAAAAAAAAAEAAQQBAoMEAAAAIG1kYXQSAAoHGAAGmAhoNTILHsVZ3/4s/JA1r0A=";
/** Set to "off" in this browser's storage: every tile is asked for. */
const PUSH = "telepath-push";

async function drawsAvif(): Promise<boolean> {
  try {
    const bytes = Uint8Array.from(atob(PIXEL), (letter) => letter.charCodeAt(0));
    (await createImageBitmap(new Blob([bytes], { type: "image/avif" }))).close();
    return true;
  } catch {
    return false;
  }
}

export class WindowReport {
  private sent = "";
  private avif = false;
  private wished = false;
  private readonly known: Promise<void>;

  constructor(
    private readonly slideView: SlideView,
    private readonly send: (message: WindowMessage) => void,
  ) {
    this.known = drawsAvif().then((avif) => {
      this.avif = avif;
    });
  }

  /** Tells it now, and whenever it changes. */
  start(): void {
    this.slideView.onFrame(() => this.tell());
    this.opened();
    void this.known.then(() => this.tell());
  }

  /** Whether fields are to be shown at the magnification of whoever is followed, not all of each. */
  same(same: boolean): void {
    this.wished = same;
    this.tell();
  }

  /** Where anything of it has changed. */
  private tell(): void {
    const { width, height } = this.slideView.window();
    if (width < 1 || height < 1) return;
    const { settled, kept } = this.slideView.tiles.warm;
    const message: WindowMessage = {
      type: "window",
      width: Math.round(width),
      height: Math.round(height),
      ratio: window.devicePixelRatio,
      reduced: this.avif && !wantsOriginal(),
      push: pushes() && settled, // else what is here would be sent once more
      same: this.wished,
      ...(kept === undefined ? {} : { kept }),
    };
    const text = JSON.stringify(message);
    if (text === this.sent) return;
    this.sent = text;
    this.send(message);
  }

  /** Another slide is open here: the room looks for its tiles again. */
  opened(): void {
    this.sent = "";
    this.tell();
    void this.slideView.tiles.warm.ready.then(() => this.tell());
  }
}

/** Whether tiles of the field that is followed may come unasked. */
export const pushes = (): boolean => localStorage.getItem(PUSH) !== "off";
