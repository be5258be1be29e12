// The slide that the room shows, opened here: the one of the newest epoch, whatever changes meanwhile.

import type { Bench } from "./bench";
import { pause, slideShown } from "./slide_shown";

export class ShownSlide {
  id: string;
  private opening: Promise<void> | undefined;

  constructor(
    private readonly room: string,
    private readonly bench: Bench,
    private readonly epoch: () => number,
    /** Another slide is open. */
    private readonly opened: () => void,
  ) {
    this.id = bench.slide.id;
  }

  /** Whether one is being opened. */
  get changing(): boolean {
    return this.opening !== undefined;
  }

  /** Opens the slide that the room shows now. False: somebody else had begun to, and waits for it. */
  async change(): Promise<boolean> {
    const first = this.opening === undefined;
    this.opening ??= this.open().finally(() => {
      this.opening = undefined;
    });
    await this.opening;
    return first;
  }

  private async open(): Promise<void> {
    for (;;) {
      const shown = await slideShown(this.room);
      if (shown === undefined) return;
      await this.bench.open(shown.slide);
      this.id = shown.slide.id;
      this.opened();
      if (shown.epoch >= this.epoch()) return;
      await pause(200);
    }
  }
}
