// A line of the discussion that carries the field on the screen, written without leaving the slide.

import { request } from "./activity";
import type { Bench } from "./bench";
import { find, say } from "./dom";
import { seenText } from "./link";
import type { Words } from "./words";

export class Remark {
  private field = "";
  private slide = "";
  private sending = false;
  private readonly panel = find("#remark", HTMLElement);
  private readonly form = find("#remark-form", HTMLFormElement);
  private readonly box = find("#remark-line", HTMLTextAreaElement);

  /** `address`: where a line of the discussion is posted. */
  constructor(
    private readonly bench: Bench,
    private readonly words: Words,
    private readonly address: string,
  ) {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send();
    });
    this.box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.form.requestSubmit();
      }
      if (event.key === "Escape") this.close();
    });
    find("[data-remark=close]", HTMLButtonElement, this.form).addEventListener("click", () => this.close());
  }

  /** Takes the field as it is now, turned and shown as it is; the words are typed at leisure. */
  begin(): void {
    this.field = seenText(this.bench.slideView.target(), this.bench.look());
    this.slide = this.bench.slide.id;
    this.panel.hidden = false;
    this.box.focus();
  }

  private close(): void {
    this.panel.hidden = true;
    this.bench.element.focus();
  }

  private async send(): Promise<void> {
    const line = this.box.value.trim();
    if (line === "" || this.sending) return;
    this.sending = true;
    try {
      const answer = await request(this.address, {
        method: "POST",
        credentials: "same-origin",
        redirect: "manual", // what answers is the page that the line is now on
        body: new URLSearchParams({ line, slide: this.slide, view: this.field }),
      });
      if (answer.type !== "opaqueredirect" && !answer.ok) throw new Error(String(answer.status));
      this.box.value = "";
      this.close();
      say(this.words("viewer-remark-sent"));
    } catch {
      // The form stays with its text.
      say(this.words("viewer-remark-failed"));
    } finally {
      this.sending = false;
    }
  }
}
