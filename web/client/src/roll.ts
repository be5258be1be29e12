// Who was in the room, from when to when: read when it is asked for, and printed alone.

import { request } from "./activity";
import { find, make, say } from "./dom";
import { timeOfDay, type Words } from "./words";

interface Stay {
  readonly name: string;
  readonly institution: string;
  /** ISO 8601; `left` is empty or absent for who is still there. */
  readonly joined: string;
  readonly left?: string | null;
}

export class Roll {
  private readonly dialog = find("#roll-dialog", HTMLDialogElement);

  constructor(
    private readonly room: string,
    private readonly words: Words,
  ) {}

  listen(): void {
    document.querySelector("#roll")?.addEventListener("click", () => void this.open());
    find("#roll-print", HTMLElement).addEventListener("click", () => window.print());
  }

  private async open(): Promise<void> {
    const answer = await request(`/rooms/${this.room}/roll`, {
      credentials: "same-origin",
      headers: { Accept: "application/json" },
    }).catch(() => undefined);
    if (answer?.ok !== true) {
      say(this.words("rooms-roll-failed"));
      return;
    }
    const { roll } = (await answer.json()) as { roll: readonly Stay[] };
    find("#roll-rows", HTMLElement).replaceChildren(...roll.map((stay) => this.row(stay)));
    this.dialog.showModal();
  }

  private row(stay: Stay): HTMLElement {
    const time = (at: string): HTMLElement => make("td", {}, make("time", { text: timeOfDay(new Date(at)) }));
    const left = stay.left ? time(stay.left) : make("td", { text: this.words("rooms-roll-here") });
    return make("tr", {}, make("td", { text: stay.name }), make("td", { text: stay.institution }), time(stay.joined), left);
  }
}
