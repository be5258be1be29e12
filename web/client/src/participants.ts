// Who takes part in the room, who presents, and whether this person follows. Pure.

import type { Fact, Member } from "./messages";

export type Role = "presenting" | "following" | "left";

export class Participants {
  /** Who is connected. */
  members: readonly Member[] = [];
  /** Whether this person follows whoever presents, when that is somebody else. */
  following = true;
  /** Who ended the room. */
  closer: { readonly person: string; readonly name: string } | undefined;
  /** Names heard so far, of people who may have left. */
  private readonly names = new Map<string, string>();
  private now: { readonly presenter: string; readonly epoch: number };

  constructor(
    readonly me: string,
    presenter: string,
    epoch: number,
  ) {
    this.now = { presenter, epoch };
  }

  get presenter(): string {
    return this.now.presenter;
  }

  get epoch(): number {
    return this.now.epoch;
  }

  get presents(): boolean {
    return this.presenter === this.me;
  }

  get role(): Role {
    return this.presents ? "presenting" : this.following ? "following" : "left";
  }

  /** Whoever presents; undefined: they are not connected. */
  get presenting(): Member | undefined {
    return this.members.find((member) => member.person === this.presenter);
  }

  get others(): readonly Member[] {
    return this.members.filter((member) => member.person !== this.me);
  }

  /** The names of all others ever heard of, in that order. */
  get met(): readonly string[] {
    return [...this.names].filter(([person]) => person !== this.me).map(([, name]) => name);
  }

  nameOf(person: string): string {
    return this.members.find((member) => member.person === person)?.name ?? this.names.get(person) ?? "…";
  }

  present(members: readonly Member[]): void {
    this.members = members;
    for (const member of members) this.names.set(member.person, member.name);
  }

  heard(fact: Fact): void {
    if (fact.kind !== "withheld") this.names.set(fact.actor, fact.name);
    if (fact.kind === "closed") this.closer = { person: fact.actor, name: fact.name };
  }

  /** Whether this says something new. */
  setPresenter(presenter: string, epoch: number): boolean {
    const changed = presenter !== this.presenter || epoch !== this.epoch;
    this.now = { presenter, epoch };
    return changed;
  }
}
