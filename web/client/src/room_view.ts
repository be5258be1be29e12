// The slide as the room sees it: the field of whoever presents or of whom one follows, left or rejoined; one slide after another.

import { Answering } from "./answering";
import type { Bench } from "./bench";
import { viewOf, type ReceiptFrame, type StrokeFrame, type ViewportFrame } from "./frames";
import { contain, type View } from "./geometry";
import { FollowedField } from "./followed_field";
import { KeptAside, type Placed } from "./kept_aside";
import { lookOfWire, readHash, type Look } from "./link";
import type { Participants } from "./participants";
import { Pointers } from "./pointers";
import { Presented } from "./presented";
import type { Pushed } from "./pushed";
import { Receipts, type Sent } from "./receipts";
import { RoomDrawing } from "./room_drawing";
import type { Sending } from "./sending";
import { ShownSlide } from "./shown_slide";

export class RoomView {
  readonly receipts = new Receipts();
  /** Of whoever presents. */
  private readonly presented = new Presented();
  /** Of whom else this person follows. */
  private readonly watched = new Presented();
  readonly followed: FollowedField;
  private readonly pointers: Pointers;
  private readonly aside = new KeptAside();
  private readonly drawing: RoomDrawing;
  private readonly still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  /** Whether the page was opened on a field. */
  private readonly linked = readHash(location.hash) !== undefined;
  private readonly open: ShownSlide;
  /** Of whom one follows, as this page shows it. */
  private worn: Look | undefined;
  private greeted = false;
  private restore = false;
  private playing = 0;
  private watchers: readonly string[] = [];
  private readonly answering = new Answering();
  private answerTimer = 0;
  private same = false;

  constructor(
    room: string,
    private readonly bench: Bench,
    private readonly participants: Participants,
    private readonly sending: Sending,
    pushed: Pushed,
    words: (id: string) => string,
    private readonly on: {
      /** Whom this person follows is another, or they have left the view of whom they followed. */
      following(): void;
      /** Another slide is open. */
      opened(): void;
      /** And its field is shown. */
      shown(): Promise<void>;
      /** A line that somebody draws on it. */
      stroke(frame: StrokeFrame): void;
      /** Somebody's screen is sharper, or less sharp. */
      answered(): void;
    },
  ) {
    this.open = new ShownSlide(room, bench, () => participants.epoch, () => {
      this.pointers.clear();
      this.on.opened();
    });
    this.followed = new FollowedField(bench, pushed);
    this.pointers = new Pointers(this.still);
    this.drawing = new RoomDrawing(bench, participants, this.pointers, words, {
      presented: () => this.presented.shown,
      watched: () => (participants.whom === "" ? undefined : this.watched.shown),
      common: () => this.common,
    });
    this.lead(); // before the first tile is asked for
  }

  /** Call it once the slide is open. */
  start(): void {
    this.bench.slideView.onHand(() => this.leave());
    this.bench.slideView.onFrame(() => this.moved());
    this.followed.sharp.onChange(() => this.answer());
    this.bench.onChosen(() => {
      this.leave();
      this.sample();
    });
  }

  /** The id of the slide on the screen. */
  get slide(): string {
    return this.open.id;
  }

  /** Whether another one is being opened. */
  get changing(): boolean {
    return this.open.changing;
  }

  /** The last field that was sent from here. */
  get sent(): Sent | undefined {
    return this.sending.sent;
  }

  /** The field that this person follows, or left. */
  private get source(): Presented {
    return this.participants.whom === "" ? this.presented : this.watched;
  }

  /** What all who follow see of the field on the screen, when that is less than all of it. */
  private get common(): View | undefined {
    if (!this.participants.presents) return undefined;
    return this.receipts.common(this.participants.watchers, this.sent, this.bench.slideView.view());
  }

  // What comes in ------------------------------------------------------------------------------------------------------

  /** The room has welcomed this page. `frames`: with the newest field of whoever presents. */
  welcomed(frames: boolean): void {
    // A presenter who loads the page again goes on where everybody is; otherwise their own window is the truth.
    this.restore = this.participants.presents && !this.greeted && frames && !this.linked;
    this.greeted = true;
    this.answering.forget();
    this.answer();
    this.lead();
    if (!this.restore) this.sample();
  }

  /** The room counts anew: no field that was heard is newer than what comes now, nor is what waited for its epoch. */
  reset(): void {
    this.presented.reset();
    this.watched.reset();
    this.receipts.reset();
    this.pointers.clear();
    this.aside.clear();
    this.worn = undefined;
    this.followed.follow(undefined);
  }

  /** Another presenter, or another epoch. */
  begin(): void {
    const early = [this.presented.begin(), this.watched.begin()];
    this.worn = undefined;
    this.followed.follow(undefined);
    this.lead();
    for (const frame of early) if (frame !== undefined) this.viewport(frame);
    if (!this.open.changing) this.catchUp();
    this.sample();
  }

  /** Who is here is another, or who follows whom. */
  present(): void {
    this.pointers.present(this.participants.members, this.participants.me);
    this.receipts.present(this.participants.members);
    const watchers = this.participants.watchers.map((member) => member.person);
    const more = watchers.some((person) => !this.watchers.includes(person));
    this.watchers = watchers;
    const { across } = this.followed;
    this.lead();
    if (this.followed.across !== across) this.play();
    if (more && !this.participants.presents) this.sample();
  }

  viewport(frame: ViewportFrame): void {
    const { participants } = this;
    const person = participants.members.find((member) => member.streams.includes(frame.stream))?.person;
    const watched = participants.whom !== "" && person === participants.whom;
    // A stream that nobody told of yet is of whoever presents: another's comes only to who follows them.
    if (!watched && person !== participants.presenter && (person !== undefined || participants.whom !== "")) return;
    const source = watched ? this.watched : this.presented;
    if (!source.receive(frame, participants.epoch)) return;
    if (participants.presents) {
      // Another tab of ours presents too: following it would make the two push each other.
      if (!this.restore) return;
      this.restore = false;
      this.bench.wear(lookOfWire(frame));
      this.bench.slideView.show(contain(viewOf(frame, frame.flip), this.bench.slideView.window()), false);
      return;
    }
    const now = performance.now();
    source.follow(frame, now);
    this.lead();
    if (source === this.source && participants.following) this.followed.heard(frame, now);
    this.play();
  }

  /** A pointer, or a line that somebody draws. */
  placed(frame: Placed): void {
    if (this.aside.hear(frame, this.participants.epoch, this.open.changing)) this.put(frame);
  }

  /** The slide of this epoch is on the screen: what came before it was. */
  private catchUp(): void {
    for (const frame of this.aside.begin(this.participants.epoch)) this.put(frame);
  }

  private put(frame: Placed): void {
    if (frame.kind === "stroke") return this.on.stroke(frame);
    this.pointers.hear(frame);
    this.play();
  }

  receipt(frame: ReceiptFrame): void {
    this.receipts.hear(frame);
    this.on.answered();
    this.bench.refresh();
  }

  // Shown to others ----------------------------------------------------------------------------------------------------

  /** Tells the field on the screen to whom it concerns. */
  sample(): void {
    if (this.open.changing || (!this.participants.presents && this.watchers.length === 0)) return;
    this.sending.sample();
    this.on.answered(); // to what was shown before
  }

  private moved(): void {
    const { shown } = this.source;
    this.sample();
    this.answer();
    if (this.participants.presents) return;
    if (this.participants.following && shown !== undefined && !this.open.changing) this.followed.show(performance.now()); // the window was resized
  }

  /** Tells whom this person follows how much of their field is on the screen. */
  private answer(): void {
    const { now } = this.followed.sharp;
    if (this.open.changing || now === undefined || this.participants.presents || !this.participants.following) return;
    const answer = { ...now, of: now.stream, field: now.sequence, view: this.bench.slideView.view() };
    const wait = this.answering.due(answer, performance.now());
    if (wait === undefined) return;
    window.clearTimeout(this.answerTimer);
    if (wait === 0) this.sending.answer(answer);
    else this.answerTimer = window.setTimeout(() => this.answer(), wait);
  }

  // Following ----------------------------------------------------------------------------------------------------------

  /** Whether fields are shown at the magnification of whom one follows, as far as that is known; else all of each. */
  atSame(same: boolean): void {
    this.same = same;
    this.lead();
    this.play();
  }

  /** Back to whom one left; from there, or when they have gone, to whoever presents. */
  rejoin(): void {
    const { role, whom } = this.participants;
    if (role === "presenting" || role === "following") return;
    const back = role === "left" && this.participants.member(whom) !== undefined;
    this.follow(back ? whom : "");
  }

  /** Shows what `whom` looks at; "": whoever presents. */
  follow(whom: string): void {
    if (this.participants.presents) return;
    if (whom !== this.participants.whom) this.watched.begin();
    this.participants.follow(whom);
    this.on.following();
    this.worn = undefined;
    this.lead();
    if (!this.still && !this.open.changing) this.followed.show(performance.now(), true);
    this.play();
  }

  /** No longer shows what another looks at. */
  stop(): void {
    this.participants.leave();
    this.lead();
    this.on.following();
  }

  /** Any move of one's own hand leaves the other's view, at once. */
  private leave(): void {
    const { role } = this.participants;
    // Before there was any field there is nothing to leave: the page has only just begun.
    if (role === "watching" || (role === "following" && this.presented.heard)) this.stop();
  }

  /** Which field the window shows. Before the room has said whether there is one, there may be. */
  private lead(): void {
    const { following, presents, leader } = this.participants;
    const across = this.participants.member(leader)?.width ?? 0;
    this.followed.across = this.same && across > 0 ? across : undefined;
    this.followed.follow(following && !presents && (this.source.heard || !this.greeted) ? this.source : undefined);
  }

  /** One animation frame after the other while something moves. */
  private play(): void {
    if (this.playing !== 0) return;
    this.playing = requestAnimationFrame(() => {
      this.playing = 0;
      const now = performance.now();
      const { source } = this;
      if (!this.participants.presents && !this.open.changing) {
        this.presented.shown = this.presented.at(now);
        this.watched.shown = this.watched.at(now);
        if (this.participants.following && source.shown !== undefined) this.followed.show(now);
        if (this.participants.following) this.wear();
      }
      this.bench.refresh();
      const pixel = this.bench.slideView.view().width / this.bench.slideView.window().width;
      if (this.presented.moving(now) || this.watched.moving(now) || this.pointers.gliding(pixel) || !this.followed.settled) this.play();
    });
  }

  /** Plane and channels of whom one follows. */
  private wear(): void {
    const { look } = this.source;
    if (look === undefined || look === this.worn) return;
    this.worn = look;
    this.bench.wear(look);
  }

  // Another slide ------------------------------------------------------------------------------------------------------

  /** Opens the slide that the room shows now. */
  async changeSlide(): Promise<void> {
    if (!(await this.open.change())) return;
    this.worn = undefined;
    this.bench.slideView.show(this.bench.slideView.whole(), false);
    this.sample();
    if (!this.participants.presents) this.play();
    const shown = this.on.shown(); // no line of the slide before is drawn any more
    this.catchUp();
    await shown;
  }

  /** What this page shows and follows, told on the slide's element. */
  honest(): void {
    this.drawing.honest();
  }
}
