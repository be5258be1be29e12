// What is said in the room; each line may carry a field.

import { find, make } from "./dom";
import type { Seen } from "./link";
import type { Fact } from "./messages";
import { timeOfDay, type Words } from "./words";

type Said = Extract<Fact, { kind: "said" }>;

export class Thread {
  private readonly list = find("#thread", HTMLElement);
  private readonly form = find("#line-form", HTMLFormElement);
  private readonly box = find("#line", HTMLTextAreaElement);
  private readonly withView = find("#with-view", HTMLInputElement);
  /** The buttons that lead to a field, and the slides of those. */
  private readonly ways = new Map<HTMLElement, string>();

  constructor(
    private readonly words: Words,
    private readonly on: {
      say(text: string, withView: boolean): void;
      go(slide: string, view: Seen): void;
      /** The slide on the screen. */
      slide(): string;
    },
  ) {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = this.box.value.trim();
      if (text === "") return;
      const withView = this.withView.checked;
      this.box.value = "";
      this.withView.checked = false;
      on.say(text, withView);
    });
    this.box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.form.requestSubmit();
      }
      if (event.key === "Escape") this.box.blur();
    });
    this.clear();
  }

  focus(): void {
    this.box.focus();
  }

  get unsent(): string {
    return this.box.value.trim();
  }

  /** These lines were not said: they are in the box again, before what is typed meanwhile. */
  back(lines: readonly string[]): void {
    if (lines.length > 0) this.box.value = [...lines, this.unsent].filter(Boolean).join("\n");
  }

  clear(): void {
    this.ways.clear();
    this.list.replaceChildren(make("li", { class: "note first", text: this.words("rooms-thread-empty") }));
  }

  said(fact: Said): void {
    const who = make("p", { class: "speaker" }, make("b", { text: fact.name }));
    who.append(make("time", { text: timeOfDay(new Date(fact.at)) }));
    const line = make("li", {}, who, make("p", { class: "said", text: fact.body.text }));
    const { view, slide } = fact.body;
    if (view !== null) {
      const go = make("button", { class: "act small", text: this.wayTo(slide) });
      go.type = "button";
      this.ways.set(go, slide);
      go.addEventListener("click", () => this.on.go(slide, view));
      line.append(go);
    }
    this.add(line);
  }

  /** Another slide is on the screen: to fields of the one before, only a change of everybody's slide leads now. */
  turned(): void {
    for (const [button, slide] of this.ways) button.textContent = this.wayTo(slide);
  }

  private wayTo(slide: string): string {
    return this.words(slide === this.on.slide() ? "rooms-line-view" : "rooms-line-view-other");
  }

  /** `button`: what can be done about it. */
  happened(text: string, button?: HTMLElement): void {
    const line = make("li", { class: "note", text });
    if (button !== undefined) line.append(" ", button);
    this.add(line);
  }

  private add(line: HTMLElement): void {
    this.list.querySelector(".first")?.remove();
    const atEnd = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 40;
    this.list.append(line);
    if (atEnd) this.list.scrollTop = this.list.scrollHeight;
  }
}
