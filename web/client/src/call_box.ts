// A call over the slide: a sentence, and a key to come or to stay. There is one at a time; whoever opened it last has it.

import { find, hide, tell } from "./dom";
import { overSlide } from "./keyboard";

export class CallBox {
  readonly element = find("#call", HTMLElement);
  private readonly text = find("#call-text", HTMLElement);
  private readonly more = find("#call-more", HTMLElement);
  private readonly buttons = find("#call-buttons", HTMLElement);
  private readonly slide = find("#slide", HTMLElement);
  private opener: object | undefined;
  private come: (() => void) | undefined;
  private timer = 0;

  constructor(
    /** Somebody is asked, or no longer. */
    private readonly changed: () => void,
  ) {}

  listen(): void {
    find("#call-join", HTMLElement).addEventListener("click", () => this.answer());
    find("#call-stay", HTMLElement).addEventListener("click", () => this.close());
    document.addEventListener("keydown", (event) => {
      const own = event.target instanceof Element && event.target.closest("button, a, input, select, textarea, dialog") !== null;
      if (event.key !== "Enter" || own || event.defaultPrevented || !this.asks || overSlide(document)) return;
      event.preventDefault();
      this.answer();
    });
  }

  /** Whether this person is asked, and has not answered. */
  get asks(): boolean {
    return this.come !== undefined;
  }

  shows(opener: object): boolean {
    return this.opener === opener;
  }

  /** Asks; `come`: the person does. `milliseconds`: as long as it is there; 0: until it is answered. */
  ask(opener: object, text: string, more: string, come: () => void, milliseconds: number): void {
    this.open(opener, text, more, milliseconds, come);
    this.changed();
  }

  tell(opener: object, text: string, milliseconds: number): void {
    this.open(opener, text, "", milliseconds);
  }

  answer(): void {
    const { come } = this;
    this.close();
    come?.();
  }

  close(): void {
    const { asks } = this;
    hide(this.element, true, this.slide);
    this.opener = this.come = undefined;
    window.clearTimeout(this.timer);
    if (asks) this.changed();
  }

  private open(opener: object, text: string, more: string, milliseconds: number, come?: () => void): void {
    this.opener = opener;
    this.come = come;
    hide(this.buttons, come === undefined, this.slide);
    this.element.hidden = false;
    // A question interrupts what is being read out; the news of who came does not.
    this.text.setAttribute("aria-live", come === undefined ? "polite" : "assertive");
    delete this.element.dataset["came"];
    tell(this.text, text);
    this.more.textContent = more;
    window.clearTimeout(this.timer);
    if (milliseconds > 0) this.timer = window.setTimeout(() => this.close(), milliseconds);
  }
}
