// Beside the slide and above it: who takes part, who asks to present, the buttons that lead to it, the slides of the case.

import type { Bench } from "./bench";
import type { RoomConfig } from "./config";
import { find, make, say } from "./dom";
import { colourOf, type Member } from "./messages";
import type { Participants } from "./participants";
import type { Session } from "./session";
import { standing, wayToPresent } from "./standing";
import type { Words } from "./words";

/** Who was asked for the presentation has this long to answer before it may be taken. */
const ANSWER_MS = 10_000;

export class RoomPanel {
  /** Whether this person asked who presents now for the presentation, and whether the answer is long in coming. */
  private asking: "no" | "asked" | "unanswered" = "no";
  private askTimer = 0;
  private readonly asks = find("#asks", HTMLElement);

  constructor(
    private readonly config: RoomConfig,
    private readonly words: Words,
    private readonly bench: Bench,
    private readonly participants: Participants,
    private readonly session: Session,
    private readonly on: {
      /** What `show` shows is another. */
      changed(): void;
      /** A slide of the case was chosen. */
      slide(id: string): void;
    },
  ) {}

  listen(): void {
    find("#ask", HTMLElement).addEventListener("click", () => this.ask());
    find("#take", HTMLElement).addEventListener("click", () => this.session.act({ kind: "take", epoch: this.participants.epoch }));
    const dialog = find("#close-dialog", HTMLDialogElement);
    find("#close", HTMLElement).addEventListener("click", () => dialog.showModal());
    dialog.addEventListener("close", () => {
      if (dialog.returnValue === "yes") this.session.act({ kind: "close" });
    });
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
    const give = make("button", { class: "act primary", text: this.words("rooms-hand-over") });
    const later = make("button", { class: "act", text: this.words("rooms-ask-ignore") });
    give.type = later.type = "button";
    give.addEventListener("click", () => this.handOver(person));
    later.addEventListener("click", () => box.remove());
    box.append(give, later);
    for (const before of this.asks.querySelectorAll<HTMLElement>(".ask-box")) if (before.dataset["person"] === person) before.remove();
    this.asks.append(box);
    this.open();
  }

  /** Whoever presents now has been asked by nobody. */
  clearAsks(): void {
    this.asks.replaceChildren();
  }

  /** What this person asked for is settled. */
  answered(): void {
    window.clearTimeout(this.askTimer);
    this.asking = "no";
  }

  /** `slide`: the id of the one on the screen; `cut`, `carries`: as the connection has them. */
  show(slide: string, { cut, carries }: { readonly cut: boolean; readonly carries: boolean }): void {
    this.showMembers();
    this.showStanding(cut);
    const { may_present: mayPresent, opened_by: openedBy } = this.config.room;
    const way = mayPresent ? wayToPresent(this.participants, this.asking === "unanswered", carries) : undefined;
    const ask = find("#ask", HTMLButtonElement);
    ask.hidden = way !== "ask";
    ask.disabled = this.asking === "asked";
    find("#take", HTMLElement).hidden = way !== "take";
    const { presents, me } = this.participants;
    find("#close", HTMLElement).hidden = !presents && openedBy !== me;
    this.showSlides(slide);
  }

  private toggle(shown?: boolean): void {
    this.bench.toggle("panel", find("#together", HTMLElement), shown);
  }

  private ask(): void {
    this.session.act({ kind: "ask" });
    this.asking = "asked";
    this.askTimer = window.setTimeout(() => {
      this.asking = "unanswered";
      this.on.changed();
    }, ANSWER_MS);
    this.on.changed();
    say(this.words("rooms-asked-sent", { name: this.participants.nameOf(this.participants.presenter) }));
  }

  private handOver(to: string): void {
    this.session.act({ kind: "hand-over", epoch: this.participants.epoch, to });
  }

  private showStanding(cut: boolean): void {
    const { members, role, presenting } = this.participants;
    const pill = find("#follow", HTMLElement);
    pill.hidden = members.length === 0;
    pill.dataset["role"] = role;
    find("#follow-text", HTMLElement).textContent = standing(this.words, this.participants, cut, this.config.room.invited);
    find("#follow-dot", HTMLElement).style.background = presenting === undefined ? "#8a8a8a" : colourOf(presenting.colour);
    find("#rejoin", HTMLElement).hidden = role !== "left";
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

  private showMembers(): void {
    find("#members", HTMLElement).replaceChildren(...this.participants.members.map((member) => this.row(member)));
  }

  private row(member: Member): HTMLElement {
    const dot = make("span", { class: "dot" });
    dot.style.background = colourOf(member.colour);
    const own = member.person === this.participants.me;
    const presents = member.person === this.participants.presenter;
    const status = this.words(
      presents ? "rooms-status-presenting" : member.following ? "rooms-status-following" : "rooms-status-away",
    );
    const name = own ? `${member.name} (${this.words("rooms-you")})` : member.name;
    const more = [status, member.institution].filter(Boolean).join(" · ");
    const row = make("li", {}, dot, make("span", { class: "member-name", text: name, title: name }));
    row.dataset["person"] = member.person;
    row.classList.toggle("presents", presents);
    if (this.participants.presents && !own) {
      const label = this.words("rooms-hand-over-to", { name: member.name });
      const give = make("button", { class: "act", text: this.words("rooms-hand-over"), title: label, label });
      give.type = "button";
      give.addEventListener("click", () => this.handOver(member.person));
      row.append(give);
    }
    row.append(make("span", { class: "member-more", text: more, title: more }));
    return row;
  }
}
