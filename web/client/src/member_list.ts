// Who takes part, a row each: whom they follow, how sharp one's own field is on their screen, and what can be done. Rows stay
// where they are while what they say changes: a button under a finger, or with the focus, is still there.

import { disable, drop, find, hide, iconOf, make } from "./dom";
import { colourOf, type Member } from "./messages";
import type { Participants } from "./participants";
import type { Sharpness } from "./receipts";
import { standingOf } from "./standing";
import type { Words } from "./words";

const SCREEN: Readonly<Record<Sharpness, string>> = {
  loading: "rooms-screen-loading",
  usable: "rooms-screen-usable",
  sharp: "rooms-screen-sharp",
};

interface Row {
  readonly element: HTMLLIElement;
  readonly dot: HTMLElement;
  readonly name: HTMLElement;
  readonly more: HTMLElement;
  readonly screen: HTMLElement;
  readonly give: HTMLButtonElement;
  readonly watch: HTMLButtonElement;
}

export class MemberList {
  private readonly list = find("#members", HTMLElement);
  private readonly rows = new Map<string, Row>();
  private readonly slide = find("#slide", HTMLElement);

  constructor(
    private readonly words: Words,
    private readonly participants: Participants,
    private readonly on: {
      handOver(person: string): void;
      /** Shows what this person looks at. */
      watch(person: string): void;
    },
  ) {}

  /** `watchable`: whether this page can follow somebody who does not present. */
  show(watchable: boolean): void {
    const { members } = this.participants;
    const here = new Set(members.map((member) => member.person));
    for (const [person, row] of this.rows) {
      if (here.has(person)) continue;
      drop(row.element, this.slide);
      this.rows.delete(person);
    }
    for (const [index, member] of members.entries()) {
      const row = this.rows.get(member.person) ?? this.made(member);
      const before = this.list.children[index];
      if (before !== row.element) this.list.insertBefore(row.element, before ?? null);
      this.fill(row, member, watchable);
    }
    find("#members-count", HTMLElement).textContent = String(members.length);
  }

  /** How sharp one's own field is on the screen of each who follows it. */
  showScreens(of: (member: Member) => Sharpness): void {
    const watchers = new Set(this.participants.watchers.map((member) => member.person));
    for (const member of this.participants.members) {
      const screen = this.rows.get(member.person)?.screen;
      if (screen === undefined) continue;
      screen.hidden = !watchers.has(member.person);
      if (screen.hidden) continue;
      const sharpness = of(member);
      if (screen.dataset["sharpness"] === sharpness) continue;
      screen.dataset["sharpness"] = sharpness;
      const state = this.words(SCREEN[sharpness]);
      screen.title = this.words("rooms-screen-title", { state });
      screen.lastElementChild!.textContent = state;
    }
  }

  private made(member: Member): Row {
    const { person } = member;
    const button = (kind: string): HTMLButtonElement => {
      const made = make("button", { class: kind });
      made.type = "button";
      return made;
    };
    const row: Row = {
      element: make("li"),
      dot: make("span", { class: "dot" }),
      name: make("span", { class: "member-name" }),
      more: make("span", { class: "member-more" }),
      screen: make("span", { class: "screen" }, make("i"), make("span")),
      give: button("tool"),
      watch: button("watch"),
    };
    row.element.dataset["person"] = person;
    row.screen.hidden = true;
    row.give.append(iconOf("give"));
    row.give.addEventListener("click", () => this.on.handOver(person));
    row.watch.addEventListener("click", () => this.on.watch(person));
    row.watch.append(row.name, row.more);
    row.element.append(row.dot, row.watch, row.screen, row.give);
    this.rows.set(person, row);
    return row;
  }

  private fill(row: Row, member: Member, watchable: boolean): void {
    const { participants, words } = this;
    const { person, name, institution } = member;
    const own = person === participants.me;
    const presents = person === participants.presenter;
    row.element.classList.toggle("presents", presents);
    row.dot.style.background = colourOf(member.colour);
    row.name.textContent = row.name.title = own ? `${name} (${words("rooms-you")})` : name;
    row.more.textContent = row.more.title = [standingOf(words, participants, person), institution].filter(Boolean).join(" · ");
    hide(row.give, own || !participants.presents, this.slide);
    row.give.title = words("rooms-hand-over-to", { name });
    row.give.setAttribute("aria-label", row.give.title);
    const followed = participants.following && participants.leader === person;
    disable(row.watch, own || participants.presents || !(watchable || presents), this.slide);
    row.watch.title = row.watch.disabled ? "" : words("rooms-watch", { name });
    if (row.watch.disabled) row.watch.removeAttribute("aria-pressed");
    else row.watch.setAttribute("aria-pressed", String(followed));
  }
}
