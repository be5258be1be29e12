// Beside the slide and above it: who takes part, who asks to present, the buttons that lead to it, the slides of the case.

import { Asking } from "./asking";
import type { Bench } from "./bench";
import type { RoomConfig } from "./config";
import { disable, drop, find, hide, make, say, tell } from "./dom";
import { MemberList } from "./member_list";
import { colourOf, type Act, type Member } from "./messages";
import type { Participants } from "./participants";
import type { Sharpness } from "./receipts";
import { aside, standing, wayToPresent } from "./standing";
import type { Words } from "./words";

export class RoomPanel {
  /** Of who presents now, for the presentation. */
  private readonly asking = new Asking(() => this.on.changed());
  private readonly asks = find("#asks", HTMLElement);
  private readonly members: MemberList;
  private screens: { readonly of: (member: Member) => Sharpness; readonly sharp: number } = { of: () => "loading", sharp: 0 };
  private link = { cut: false, waiting: 0 };

  constructor(
    private readonly config: RoomConfig,
    private readonly words: Words,
    private readonly bench: Bench,
    private readonly participants: Participants,
    private readonly act: (act: Act, operation?: string) => void,
    private readonly on: {
      /** What `show` shows is another. */
      changed(): void;
      /** A slide of the case was chosen. */
      slide(id: string): void;
      /** What this person looks at is to be shown here. */
      watch(person: string): void;
    },
  ) {
    this.members = new MemberList(words, participants, {
      handOver: (person) => this.handOver(person),
      watch: (person) => this.on.watch(person),
    });
  }

  listen(): void {
    find("#ask", HTMLElement).addEventListener("click", () => this.ask());
    find("#take", HTMLElement).addEventListener("click", () => this.take());
    find("#gather", HTMLElement).addEventListener("click", () => this.gather());
    const dialog = find("#close-dialog", HTMLDialogElement);
    find("#close", HTMLElement).addEventListener("click", () => {
      dialog.returnValue = "no"; // whatever it was answered before, Escape is no yes
      dialog.showModal();
    });
    dialog.addEventListener("close", () => {
      if (dialog.returnValue === "yes") this.act({ kind: "close" });
    });
    document.querySelector("#room-link")?.addEventListener("click", () => void this.copyAddress()); // a guest has none
    find("[data-action=panel]", HTMLElement).addEventListener("click", () => this.toggle());
    // On a narrow screen the panel lies over the slide: it opens when asked for, or when someone asks for the presentation.
    if (window.matchMedia("(max-width: 860px)").matches) this.toggle(false);
    for (const link of document.querySelectorAll<HTMLAnchorElement>(".strip-slide")) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        this.on.slide(link.dataset["slide"]!);
      });
    }
  }

  open(): void {
    this.toggle(true);
  }

  /** Somebody asks for the presentation: whoever has it answers here. */
  asked(person: string, name: string): void {
    if (!this.participants.presents || person === this.participants.me) return;
    const box = make("div", { class: "ask-box" }, make("p", { text: this.words("rooms-asks", { name }) }));
    box.dataset["person"] = person;
    const give = make("button", { class: "act small primary", text: this.words("rooms-hand-over") }, make("kbd", { text: "D" }));
    const later = make("button", { class: "act small", text: this.words("rooms-ask-ignore") });
    give.type = later.type = "button";
    give.addEventListener("click", () => this.handOver(person));
    later.addEventListener("click", () => drop(box, this.bench.element));
    box.append(give, later);
    for (const before of this.asks.querySelectorAll<HTMLElement>(".ask-box")) if (before.dataset["person"] === person) drop(before, this.bench.element);
    this.asks.append(box);
    this.open();
  }

  /** The room has done an operation, perhaps one's own. */
  done(operation: string): void {
    this.asking.heard(operation);
  }

  /** It will not do it. */
  refused(operation: string): void {
    this.asking.refused(operation);
  }

  /** One key: asks for the presentation, takes it where that is the way, or gives it to who asked first. */
  present(): void {
    if (!this.participants.presents) {
      if (!find("#ask", HTMLButtonElement).hidden) this.ask();
      else if (!find("#take", HTMLElement).hidden) this.take();
      return;
    }
    const first = this.asks.querySelector<HTMLElement>(".ask-box")?.dataset["person"];
    if (first === undefined) say(this.words("rooms-ask-nobody"));
    else this.handOver(first);
  }

  /** Asks everybody to look where whoever presents looks. */
  gather(): void {
    if (this.participants.presents) this.act({ kind: "gather", epoch: this.participants.epoch });
    else say(this.words("error-room-not-presenter"));
  }

  /** Somebody else presents: what was asked for is settled, and they have been asked by nobody. */
  settled(): void {
    for (const box of this.asks.querySelectorAll<HTMLElement>(".ask-box")) drop(box, this.bench.element);
    this.asking.settled();
  }

  /** `slide`: the id of the one on the screen; `cut`, `carries`: as the connection has them; `waiting`: acts that wait for it;
   * `called`: a call over the slide offers to come; `onward`: whoever presented has gone on to another room. */
  show(
    slide: string,
    { cut, carries }: { readonly cut: boolean; readonly carries: boolean },
    { waiting, called, onward }: { readonly waiting: number; readonly called: boolean; readonly onward: boolean },
  ): void {
    this.members.show(carries);
    this.link = { cut, waiting };
    this.showScreens(this.screens.of, this.screens.sharp);
    this.showStanding(cut, called, onward);
    const { may_present: mayPresent, opened_by: openedBy } = this.config.room;
    const way = mayPresent ? wayToPresent(this.participants, this.asking.unanswered, carries) : undefined;
    const ask = find("#ask", HTMLButtonElement);
    const { element } = this.bench;
    hide(ask, way !== "ask", element);
    disable(ask, this.asking.waits, element);
    hide(find("#gather", HTMLElement), !this.participants.presents || this.participants.others.length === 0, element);
    hide(find("#same-choice", HTMLElement), this.participants.presents, element);
    hide(find("#take", HTMLElement), way !== "take", element);
    const { presents, me } = this.participants;
    hide(find("#close", HTMLElement), !presents && openedBy !== me, element);
    this.showSlides(slide);
  }

  private toggle(shown?: boolean): void {
    this.bench.toggle("panel", find("#together", HTMLElement), shown);
  }

  private async copyAddress(): Promise<void> {
    const address = `${location.origin}${location.pathname}`;
    try {
      await navigator.clipboard.writeText(address);
      say(this.words("rooms-link-copied"));
    } catch {
      say(this.words("rooms-link-by-hand"));
    }
  }

  private take(): void {
    this.act({ kind: "take", epoch: this.participants.epoch });
  }

  private ask(): void {
    if (this.asking.waits) return;
    const operation = crypto.randomUUID();
    this.asking.asked(operation);
    this.act({ kind: "ask" }, operation);
    if (!this.asking.waits) return; // it was refused at once, and that was said
    this.on.changed();
    say(this.words("rooms-asked-sent", { name: this.participants.nameOf(this.participants.presenter) }));
  }

  private handOver(to: string): void {
    this.act({ kind: "hand-over", epoch: this.participants.epoch, to });
  }

  /** How sharp one's own field is on the screens of others; on `sharp` of them it is. */
  showScreens(of: (member: Member) => Sharpness, sharp: number): void {
    this.screens = { of, sharp };
    this.members.showScreens(of);
    const { cut, waiting } = this.link;
    const more = find("#follow-more", HTMLElement);
    const text = aside(this.words, this.participants, cut, sharp, waiting);
    const { watchers, presents } = this.participants;
    if (more.textContent === text) return;
    more.hidden = text === "";
    more.textContent = text;
    more.title = presents && !cut ? this.words("rooms-sharp-title", { sharp, count: watchers.length }) : watchers.map((member) => member.name).join(", ");
    more.dataset["sharp"] = presents && watchers.length > 0 ? String(sharp === watchers.length) : "";
  }

  private showStanding(cut: boolean, called: boolean, onward: boolean): void {
    const { members, role, leader } = this.participants;
    const led = this.participants.member(leader);
    const pill = find("#follow", HTMLElement);
    pill.hidden = members.length === 0;
    pill.dataset["role"] = role;
    tell(find("#follow-text", HTMLElement), standing(this.words, this.participants, cut, onward, this.config.room.invited));
    find("#follow-dot", HTMLElement).style.background = led === undefined ? "#8a8a8a" : colourOf(led.colour);
    const away = onward || role === "left" || role === "watching";
    hide(find("#rejoin", HTMLElement), called || !away, this.bench.element);
  }

  private showSlides(shown: string): void {
    for (const link of document.querySelectorAll<HTMLAnchorElement>(".strip-slide")) {
      if (link.dataset["slide"] === shown) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
      link.setAttribute("aria-disabled", String(!this.participants.presents));
    }
    const label = this.bench.slide.label || this.words("viewer-slide-unnamed");
    find("#slide-name", HTMLElement).textContent = label;
    const { number } = this.config.case;
    if (number !== "") document.title = `${this.words("rooms-title", { number, label })} · telepath`;
  }
}
