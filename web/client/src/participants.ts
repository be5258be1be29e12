// Who takes part in the room, who presents, and who follows whom. Pure.

import type { Fact, Member } from "./messages";

/** `watching`: this person follows somebody who does not present. */
export type Role = "presenting" | "following" | "watching" | "left";

export class Participants {
  /** Who is connected, in the order in which they were first heard of: whose connection is another stays where they are. */
  members: readonly Member[] = [];
  /** Who ended the room. */
  closer: { readonly person: string; readonly name: string } | undefined;
  /** Names heard so far, in that order, of people who may have left. */
  private readonly names = new Map<string, string>();
  private now: { readonly presenter: string; readonly epoch: number };
  /** Whether this person follows, when they do not present; and whom, or whom they left. */
  private own: { readonly following: boolean; readonly whom: string } = { following: true, whom: "" };

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
    if (this.presents) return "presenting";
    if (!this.own.following) return "left";
    return this.own.whom === "" ? "following" : "watching";
  }

  /** Whether this person follows somebody, when they do not present. */
  get following(): boolean {
    return this.own.following;
  }

  /** Whom they follow, or left, if not whoever presents: a person; "": whoever presents. */
  get whom(): string {
    return this.own.whom;
  }

  /** The person whose field this page shows, or showed before it was left. */
  get leader(): string {
    return this.own.whom === "" ? this.presenter : this.own.whom;
  }

  /** Whoever presents; undefined: they are not connected. */
  get presenting(): Member | undefined {
    return this.member(this.presenter);
  }

  get others(): readonly Member[] {
    return this.members.filter((member) => member.person !== this.me);
  }

  /** Who follows what this person looks at. */
  get watchers(): readonly Member[] {
    return this.others.filter((member) => this.followedBy(member) === this.me);
  }

  /** The names of all others ever heard of, in that order. */
  get met(): readonly string[] {
    return [...this.names].filter(([person]) => person !== this.me).map(([, name]) => name);
  }

  member(person: string): Member | undefined {
    return this.members.find((member) => member.person === person);
  }

  nameOf(person: string): string {
    return this.member(person)?.name ?? this.names.get(person) ?? "…";
  }

  /** Whom a member follows; undefined: nobody. */
  followedBy(member: Member): string | undefined {
    if (member.person === this.presenter) return undefined;
    const { following, whom } = member.person === this.me ? this.own : member;
    return following ? whom || this.presenter : undefined;
  }

  present(members: readonly Member[]): void {
    for (const member of members) this.names.set(member.person, member.name);
    const order = new Map([...this.names.keys()].map((person, index) => [person, index]));
    this.members = [...members].sort((a, b) => order.get(a.person)! - order.get(b.person)!);
  }

  heard(fact: Fact): void {
    if (fact.kind !== "withheld") this.names.set(fact.actor, fact.name);
    if (fact.kind === "closed") this.closer = { person: fact.actor, name: fact.name };
  }

  /** The room's facts are others than those that were heard. Names are no facts: they stay. */
  reset(): void {
    this.closer = undefined;
  }

  /** What is new in this: who presents, or the epoch alone (another slide). Whoever presents follows nobody, and is followed as such. */
  setPresenter(presenter: string, epoch: number): "presenter" | "epoch" | undefined {
    const changed = presenter !== this.presenter ? "presenter" : epoch !== this.epoch ? "epoch" : undefined;
    this.now = { presenter, epoch };
    if (this.presents && this.own.whom !== "") this.own = { following: true, whom: "" };
    if (this.own.whom === presenter) this.own = { ...this.own, whom: "" };
    return changed;
  }

  /** This person follows `whom`, or whoever presents with "". */
  follow(whom: string): void {
    this.own = { following: true, whom: whom === this.presenter ? "" : whom };
  }

  leave(): void {
    this.own = { ...this.own, following: false };
  }

  /** Two who follow each other would push each other without end. */
  mayFollow(person: string): boolean {
    return person !== this.me && this.member(person) !== undefined && !this.way(person).includes(this.me);
  }

  /** Whether several began to follow each other at once, and this person is the one who is to stop. */
  get mustStop(): boolean {
    if (this.role !== "watching") return false;
    const way = this.way(this.leader);
    if (!way.includes(this.me)) return false;
    return way.every((person) => person <= this.me);
  }

  /** Whom somebody follows, whom that one follows, and so on, each once, `person` first. */
  private way(person: string): readonly string[] {
    const way: string[] = [];
    let next: string | undefined = person;
    while (next !== undefined && !way.includes(next)) {
      way.push(next);
      const member = this.member(next);
      next = member && this.followedBy(member);
    }
    return way;
  }
}
