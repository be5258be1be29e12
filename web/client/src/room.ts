// Entry point of the room page: a slide looked at together.

import { request } from "./activity";
import { Bench } from "./bench";
import type { SlideConfig, ViewerConfig } from "./config";
import { find, make, readConfig, say } from "./dom";
import { Follower } from "./follower";
import { newer, viewOf, type PointerFrame, type ViewportFrame } from "./frames";
import { contain, toScreen, toSlide, type View } from "./geometry";
import { readHash, viewText } from "./link";
import { colourOf, FINAL, type Fact, type Member, type Welcome } from "./messages";
import { Notices } from "./notices";
import { drawFrame, drawPlate, drawPointer } from "./overlay";
import { Pins } from "./pins";
import { Pointers } from "./pointers";
import { Session, SESSION_ENDED, type ConnectionState } from "./session";
import { SessionLife } from "./session_life";
import { Thread } from "./thread";
import { allowOnlyEmptyHtml } from "./trusted";
import { watermark } from "./watermark";
import { wordsFrom } from "./words";
import liveEn from "../../locale/en/live.ftl";
import roomsEn from "../../locale/en/rooms.ftl";
import sessionEn from "../../locale/en/session.ftl";
import viewerEn from "../../locale/en/viewer.ftl";
import liveFr from "../../locale/fr/live.ftl";
import roomsFr from "../../locale/fr/rooms.ftl";
import sessionFr from "../../locale/fr/session.ftl";
import viewerFr from "../../locale/fr/viewer.ftl";

interface RoomConfig extends ViewerConfig {
  readonly room: { readonly id: string; readonly presenter: string; readonly epoch: number; readonly opened_by: string; readonly invited: readonly string[]; readonly may_point: boolean; readonly may_speak: boolean; readonly may_present: boolean };
}

/** The presenter's field is sampled at most this often: 60 Hz buys nothing over a real network. */
const SAMPLE_MS = 33;
const ANIMATION_MS = 500;
const CUT_MS = 1500;
/** Who was asked for the presentation has this long to answer before it may be taken. */
const ANSWER_MS = 10_000;
const CLOSED = 4410;

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => window.setTimeout(resolve, milliseconds));

class Room {
  private readonly me: string;
  private readonly bench: Bench;
  private readonly pins: Pins;
  private readonly pointers: Pointers;
  private readonly thread: Thread;
  private readonly session: Session;
  private readonly follower = new Follower();
  private readonly still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  private members: readonly Member[] = [];
  private presenter: string;
  private epoch: number;
  private slideId: string;
  private following = true;
  private shown: View | undefined; // the presenter's field as played
  private last: ViewportFrame | undefined;
  private early: ViewportFrame | undefined; // of an epoch whose fact has not come yet
  private readonly linked = readHash(location.hash) !== undefined;
  private started = false;
  private greeted = false;
  private restore = false;
  private opening: Promise<void> | undefined;
  private playing = 0;
  private aimed = { width: 0, x: 0, y: 0, since: 0 };
  private flushTimer = 0;
  private flushed = 0;
  private linkState: ConnectionState = "connecting";
  /** Whether the link has been cut for a while. */
  private cut = false;
  private cutTimer = 0;
  /** Whether this person asked who presents now for the presentation, and whether the answer is long in coming. */
  private asking: "no" | "asked" | "unanswered" = "no";
  private askTimer = 0;
  /** Who ended the room. */
  private closer: { readonly person: string; readonly name: string } | undefined;

  constructor(
    private readonly config: RoomConfig,
    private readonly words: ReturnType<typeof wordsFrom>,
  ) {
    this.me = config.me.id;
    this.presenter = config.room.presenter;
    this.epoch = config.room.epoch;
    this.slideId = config.slide.id;
    this.bench = new Bench(config.slide, words, { room: true, guest: config.me.guest, act: (action) => this.act(action) });
    this.pins = new Pins(this.bench, words);
    this.bench.overlay.add((context, view, window) => this.drawPresenter(context, view, window));
    this.pointers = new Pointers(this.still);
    this.bench.overlay.add((context, view, window) => this.drawPointers(context, view, window));
    this.thread = new Thread(words, {
      say: (text, withView) => {
        const view = withView ? this.bench.slideView.view() : null;
        this.session.act({ kind: "say", text, view });
      },
      go: (slide, view) => this.goTo(slide, view),
      slide: () => this.slideId,
    });
    this.session = new Session(config.room.id, {
      welcome: (message, fresh) => this.welcome(message, fresh),
      fact: (fact) => this.fact(fact),
      presence: (members) => this.present(members),
      frame: (frame) => (frame.kind === "viewport" ? this.viewport(frame) : this.pointed(frame)),
      refused: ({ code, params }) => say(words(code, params)),
      presented: () => life.watched(),
      linked: (linked) => this.linkIs(linked ? this.linkState : "apart"),
      state: (state, code) => this.stateIs(state, code),
    }, () => life.renewing);
  }

  async start(): Promise<void> {
    await this.bench.start();
    // The field that the room was opened on has been shown; loading the page again is not to go back to it.
    history.replaceState(null, "", location.pathname);
    this.started = true;
    this.bench.slideView.onHand(() => this.leaveView());
    this.bench.slideView.onFrame(() => this.moved());
    this.listen();
    this.session.start();
    await this.pins.read();
  }

  /** Whom the presenter waits for: the other people invited. */
  private awaited(): { count: number; names: string } {
    const { invited } = this.config.room;
    return { count: invited.length, names: invited.join(", ") };
  }

  private get presents(): boolean {
    return this.presenter === this.me;
  }

  private nameOf(person: string): string {
    return this.members.find((member) => member.person === person)?.name ?? this.names.get(person) ?? "…";
  }

  /** Names heard so far, of people who may have left. */
  private readonly names = new Map<string, string>();

  // What comes in ------------------------------------------------------------------------------------------------------

  private welcome(message: Welcome, fresh: readonly Fact[]): void {
    if (message.mode === "reset") this.thread.clear();
    this.setPresenter(message.presenter, message.epoch);
    this.present(message.members);
    for (const fact of fresh) this.tell(fact);
    if (this.slideId !== message.slide) void this.changeSlide();
    // A presenter who loads the page again goes on where everybody is; otherwise their own window is the truth.
    this.restore = this.presents && !this.greeted && message.frames !== "" && !this.linked;
    this.greeted = true;
    if (this.presents && !this.restore) this.sample();
  }

  private fact(fact: Fact): void {
    this.tell(fact);
    switch (fact.kind) {
      case "presenter": {
        const { presenter, epoch } = fact.body;
        this.setPresenter(presenter, epoch);
        find("#asks", HTMLElement).replaceChildren();
        if (this.presents) {
          say(this.words("rooms-you-present"));
          this.sample();
        } else {
          say(this.words("rooms-took", { name: this.nameOf(presenter) }));
        }
        break;
      }
      case "slide":
        this.setPresenter(this.presenter, fact.body.epoch);
        void this.changeSlide();
        break;
      case "asked":
        this.asked(fact.actor, fact.name);
        break;
      case "opened":
      case "said":
      case "closed":
      case "withheld":
        break;
    }
  }

  /** The lines of the thread that a fact makes. */
  private tell(fact: Fact): void {
    if (fact.kind !== "withheld") this.names.set(fact.actor, fact.name);
    if (fact.kind === "closed") this.closer = { person: fact.actor, name: fact.name };
    if (fact.kind === "said") this.thread.said(fact);
    else if (fact.kind === "presenter") {
      this.thread.happened(this.words("rooms-took", { name: this.nameOf(fact.body.presenter) }));
    } else if (fact.kind === "slide") {
      const slide = this.config.slides.find((one) => one.id === fact.body.slide);
      const label = slide?.label || this.words("viewer-slide-unnamed");
      this.thread.happened(this.words("rooms-slide-changed", { name: fact.name, label }));
    }
  }

  private present(members: readonly Member[]): void {
    this.members = members;
    for (const member of members) this.names.set(member.person, member.name);
    this.pointers.present(members, this.me);
    this.show();
    this.bench.refresh();
  }

  private viewport(frame: ViewportFrame): void {
    if (frame.epoch > this.epoch) {
      if (this.early === undefined || newer(frame, this.early)) this.early = frame;
      return;
    }
    if (frame.epoch < this.epoch || (this.last !== undefined && this.last.stream === frame.stream && !newer(frame, this.last))) return;
    if (this.presents) {
      // Another tab of ours presents too: following it would make the two push each other.
      if (!this.restore) return;
      this.restore = false;
      this.bench.slideView.show(contain(viewOf(frame, frame.flip), this.bench.slideView.window()), false);
      return;
    }
    // Another tab of the presenter has another clock.
    if (this.last?.stream !== frame.stream) this.follower.clear();
    this.last = frame;
    const target = frame.target && { view: viewOf(frame.target, frame.flip), milliseconds: frame.target.milliseconds };
    this.follower.push({ view: viewOf(frame, frame.flip), time: frame.time, target: target ?? undefined }, performance.now());
    this.play();
  }

  private pointed(frame: PointerFrame): void {
    this.pointers.hear(frame);
    this.play();
  }

  // Following ----------------------------------------------------------------------------------------------------------

  /** One animation frame after the other while something moves. */
  private play(): void {
    if (this.playing !== 0) return;
    this.playing = requestAnimationFrame(() => {
      this.playing = 0;
      const now = performance.now();
      if (!this.presents && this.opening === undefined) {
        this.shown = this.follower.at(now);
        if (this.following && this.shown !== undefined) this.showField(this.shown);
      }
      this.bench.refresh();
      const pixel = this.bench.slideView.view().width / this.bench.slideView.window().width;
      if (this.follower.moving(now) || this.pointers.gliding(pixel)) this.play();
    });
  }

  private showField(field: View): void {
    const view = contain(field, this.bench.slideView.window());
    const now = this.bench.slideView.view();
    const close = (a: number, b: number): boolean => Math.abs(a - b) < 1e-3;
    if (close(view.x, now.x) && close(view.y, now.y) && close(view.width, now.width) &&
      close(view.rotation, now.rotation) && view.flip === now.flip) return;
    this.bench.slideView.show(view, false);
  }

  /** Any move of one's own hand leaves the presenter's view, at once. */
  private leaveView(): void {
    if (this.presents || !this.following || this.last === undefined) return;
    this.following = false;
    this.session.follow(false);
    this.show();
  }

  private rejoin(): void {
    if (this.presents || this.following) return;
    this.following = true;
    this.session.follow(true);
    this.show();
    const field = this.follower.at(performance.now());
    if (field !== undefined && !this.still) this.bench.slideView.show(contain(field, this.bench.slideView.window()), false);
    this.play();
  }

  private drawPresenter(context: CanvasRenderingContext2D, view: View, window: { width: number; height: number }): void {
    this.honest();
    if (this.presents || this.shown === undefined) {
      this.bench.minimap.show([]);
      return;
    }
    const member = this.members.find((one) => one.person === this.presenter);
    const colour = member === undefined ? "#bdbdbd" : colourOf(member.colour);
    this.bench.minimap.show([{ view: this.shown, colour }]);
    const corner = drawFrame(context, view, window, this.shown, colour, member === undefined);
    if (this.following) return;
    const centre = toScreen(view, window, this.shown);
    const away = centre.x < 0 || centre.y < 0 || centre.x > window.width || centre.y > window.height;
    // Off the screen the plate stays at the edge that it lies beyond.
    drawPlate(context, away ? { x: centre.x, y: centre.y } : { x: corner.x, y: corner.y - 3 }, this.nameOf(this.presenter), colour, window);
  }

  private drawPointers(context: CanvasRenderingContext2D, view: View, window: { width: number; height: number }): void {
    const shown = this.pointers.next(view, window);
    for (const pointer of shown) drawPointer(context, toScreen(view, window, pointer), pointer.name, pointer.colour, window);
    this.bench.element.dataset["pointers"] = JSON.stringify(shown);
  }

  // Presenting ---------------------------------------------------------------------------------------------------------

  private moved(): void {
    if (!this.started) return;
    if (this.presents) this.sample();
    else if (this.following && this.shown !== undefined && this.opening === undefined) this.showField(this.shown); // the window was resized
  }

  private sample(): void {
    if (this.opening !== undefined) return;
    const view = this.bench.slideView.view();
    const aim = this.bench.slideView.target();
    if (aim.x !== this.aimed.x || aim.y !== this.aimed.y || aim.width !== this.aimed.width) {
      this.aimed = { x: aim.x, y: aim.y, width: aim.width, since: performance.now() };
    }
    const left = ANIMATION_MS - (performance.now() - this.aimed.since);
    const moving = Math.abs(aim.width / view.width - 1) > 1e-4 || Math.hypot(aim.x - view.x, aim.y - view.y) > view.width * 1e-4;
    this.session.setViewport({ view, target: moving && left > 0 ? { view: aim, milliseconds: left } : undefined });
    this.flush();
  }

  /** The first change goes at once, what follows in steps of SAMPLE_MS, the last one always. */
  private flush(): void {
    if (this.flushTimer !== 0) return;
    const wait = Math.max(0, SAMPLE_MS - (performance.now() - this.flushed));
    const send = (): void => {
      this.flushTimer = 0;
      this.flushed = performance.now();
      this.session.flush();
    };
    if (wait === 0) send();
    else this.flushTimer = window.setTimeout(send, wait);
  }

  private setPresenter(presenter: string, epoch: number): void {
    const changed = presenter !== this.presenter || epoch !== this.epoch;
    this.presenter = presenter;
    this.epoch = epoch;
    this.session.setEpoch(epoch);
    if (changed) {
      this.follower.clear();
      this.last = undefined;
      this.shown = undefined;
      const { early } = this;
      this.early = undefined;
      if (early !== undefined) this.viewport(early);
      window.clearTimeout(this.askTimer);
      this.asking = "no";
    }
    this.show();
    this.bench.refresh(); // the frame of who presented before goes at once
  }

  private async changeSlide(): Promise<void> {
    if (this.opening !== undefined) return this.opening;
    this.opening = this.openShown().finally(() => {
      this.opening = undefined;
    });
    await this.opening;
    this.bench.slideView.show(this.bench.slideView.whole(), false);
    if (this.presents) this.sample();
    else this.play();
    await this.pins.read();
  }

  private async openShown(): Promise<void> {
    for (;;) {
      const answer = await request(`/rooms/${this.config.room.id}/slide`, { credentials: "same-origin" }).catch(() => undefined);
      if (answer?.ok !== true) {
        if (answer?.status === 404) return; // the socket says why
        await pause(1000);
        continue;
      }
      const { slide, epoch } = (await answer.json()) as { slide: SlideConfig; epoch: number };
      await this.bench.open(slide);
      this.slideId = slide.id;
      this.pointers.clear();
      this.show();
      if (epoch >= this.epoch) return;
      await pause(200);
    }
  }

  // What the person does -------------------------------------------------------------------------------------------------

  private act(action: string): void {
    if (action === "pin" && this.config.may_mark) this.pins.begin();
    else if (action === "pins") this.pins.toggle();
    else if (action === "rejoin") this.rejoin();
    else if (action === "chat" && this.config.room.may_speak) {
      this.bench.toggle("panel", find("#together", HTMLElement), true);
      this.thread.focus();
    }
  }

  private goTo(slide: string, view: View): void {
    if (slide === this.slideId) this.bench.slideView.goTo(contain(view, this.bench.slideView.window()));
    else if (this.presents) this.session.act({ kind: "slide", epoch: this.epoch, slide });
    else say(this.words("rooms-slide-presenter-only"));
  }

  private listen(): void {
    const stage = this.bench.element;
    if (this.config.room.may_point) this.pointAlong(stage);
    find("#ask", HTMLElement).addEventListener("click", () => {
      this.session.act({ kind: "ask" });
      this.asking = "asked";
      this.askTimer = window.setTimeout(() => {
        this.asking = "unanswered";
        this.show();
      }, ANSWER_MS);
      this.show();
      say(this.words("rooms-asked-sent", { name: this.nameOf(this.presenter) }));
    });
    find("#take", HTMLElement).addEventListener("click", () => this.session.act({ kind: "take", epoch: this.epoch }));
    const dialog = find("#close-dialog", HTMLDialogElement);
    find("#close", HTMLElement).addEventListener("click", () => dialog.showModal());
    dialog.addEventListener("close", () => {
      if (dialog.returnValue === "yes") this.session.act({ kind: "close" });
    });
    find("[data-action=panel]", HTMLElement).addEventListener("click", () => this.bench.toggle("panel", find("#together", HTMLElement)));
    // On a narrow screen the panel lies over the slide: it opens when asked for, or when someone asks for the presentation.
    if (window.matchMedia("(max-width: 860px)").matches) this.bench.toggle("panel", find("#together", HTMLElement), false);
    for (const link of document.querySelectorAll<HTMLAnchorElement>(".strip-slide")) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        const slide = link.dataset["slide"]!;
        if (slide === this.slideId) return;
        if (this.presents) this.session.act({ kind: "slide", epoch: this.epoch, slide });
        else say(this.words("rooms-slide-presenter-only"));
      });
    }
    window.addEventListener("pagehide", () => this.session.leave());
  }

  /** One's own pointer, shown to the others. */
  private pointAlong(stage: HTMLElement): void {
    stage.addEventListener("pointermove", (event) => {
      const view = this.bench.slideView;
      this.session.setPointer(toSlide(view.view(), view.window(), view.pixelAt(event.clientX, event.clientY)));
      this.flush();
    });
    stage.addEventListener("pointerleave", () => {
      this.session.setPointer(null);
      this.flush();
    });
  }

  private asked(person: string, name: string): void {
    if (!this.presents || person === this.me) return;
    const box = make("div", { class: "ask-box" }, make("p", { text: this.words("rooms-asks", { name }) }));
    box.dataset["person"] = person;
    const give = make("button", { class: "act primary", text: this.words("rooms-hand-over") });
    const later = make("button", { class: "act", text: this.words("rooms-ask-ignore") });
    give.type = later.type = "button";
    give.addEventListener("click", () => this.handOver(person));
    later.addEventListener("click", () => box.remove());
    box.append(give, later);
    const asks = find("#asks", HTMLElement);
    for (const before of asks.querySelectorAll<HTMLElement>(".ask-box")) if (before.dataset["person"] === person) before.remove();
    asks.append(box);
    this.bench.toggle("panel", find("#together", HTMLElement), true);
  }

  private handOver(to: string): void {
    this.session.act({ kind: "hand-over", epoch: this.epoch, to });
  }

  // What is shown --------------------------------------------------------------------------------------------------------

  private show(): void {
    this.showMembers();
    const here = this.members.some((member) => member.person === this.presenter);
    const role = this.presents ? "presenting" : this.following ? "following" : "left";
    const pill = find("#follow", HTMLElement);
    pill.hidden = this.members.length === 0;
    pill.dataset["role"] = role;
    find("#follow-text", HTMLElement).textContent = this.standing(role, here);
    const member = this.members.find((one) => one.person === this.presenter);
    find("#follow-dot", HTMLElement).style.background = member === undefined ? "#8a8a8a" : colourOf(member.colour);
    find("#rejoin", HTMLElement).hidden = role !== "left";
    const canAct = this.linkState !== "events";
    // Who presents is asked first; only one who is away, or does not answer, is not.
    const mayAsk = here && this.asking !== "unanswered";
    const ask = find("#ask", HTMLButtonElement);
    const mayPresent = this.config.room.may_present;
    ask.hidden = !mayPresent || this.presents || !here || (!mayAsk && canAct);
    ask.disabled = this.asking === "asked";
    find("#take", HTMLElement).hidden = !mayPresent || this.presents || !canAct || mayAsk;
    find("#close", HTMLElement).hidden = !this.presents && this.config.room.opened_by !== this.me;
    for (const link of document.querySelectorAll<HTMLAnchorElement>(".strip-slide")) {
      if (link.dataset["slide"] === this.slideId) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
      link.setAttribute("aria-disabled", String(!this.presents));
    }
    const label = this.bench.slide.label || this.words("viewer-slide-unnamed");
    find("#slide-name", HTMLElement).textContent = label;
    const { number } = this.config.case;
    if (number !== "") document.title = `${this.words("rooms-title", { number, label })} · telepath`;
    this.honest();
  }

  private showMembers(): void {
    const rows = this.members.map((member) => {
      const dot = make("span", { class: "dot" });
      dot.style.background = colourOf(member.colour);
      const own = member.person === this.me;
      const status = this.words(
        member.person === this.presenter
          ? "rooms-status-presenting"
          : member.following ? "rooms-status-following" : "rooms-status-away",
      );
      const name = own ? `${member.name} (${this.words("rooms-you")})` : member.name;
      const more = [status, member.institution].filter(Boolean).join(" · ");
      const row = make("li", {}, dot, make("span", { class: "member-name", text: name, title: name }));
      row.dataset["person"] = member.person;
      row.classList.toggle("presents", member.person === this.presenter);
      if (this.presents && !own) {
        const label = this.words("rooms-hand-over-to", { name: member.name });
        const give = make("button", { class: "act", text: this.words("rooms-hand-over"), title: label, label });
        give.type = "button";
        give.addEventListener("click", () => this.handOver(member.person));
        row.append(give);
      }
      row.append(make("span", { class: "member-more", text: more, title: more }));
      return row;
    });
    find("#members", HTMLElement).replaceChildren(...rows);
  }

  private stateIs(state: ConnectionState, code: number): void {
    this.linkState = state;
    this.linkIs(state);
    this.cutIs(state === "reconnecting");
    if (state !== "ended" || code === 1000) return;
    find("#room-ended-why", HTMLElement).textContent = code === CLOSED ? this.whoClosed() : this.words(FINAL[code] ?? "rooms-ended-protocol");
    // What has ended for good does not come back with the page.
    find("#room-ended-reload", HTMLElement).hidden = [CLOSED, SESSION_ENDED, 4403, 4404].includes(code);
    find("#room-ended-login", HTMLElement).hidden = code !== SESSION_ENDED;
    const unsent = find("#room-ended-unsent", HTMLElement);
    unsent.hidden = this.thread.unsent === "";
    unsent.textContent = this.words("rooms-ended-unsent", { text: this.thread.unsent });
    find("#room-ended", HTMLElement).hidden = false;
  }

  /** A moment without a link, as when a node is replaced, is not worth a word. */
  private cutIs(cut: boolean): void {
    if (cut && this.cutTimer === 0) {
      this.cutTimer = window.setTimeout(() => {
        this.cut = true;
        this.show();
      }, CUT_MS);
    } else if (!cut) {
      window.clearTimeout(this.cutTimer);
      this.cutTimer = 0;
      if (!this.cut) return;
      this.cut = false;
      this.show();
    }
  }

  /** Who presents and who follows, in a sentence. `here`: whoever presents is connected. */
  private standing(role: "presenting" | "following" | "left", here: boolean): string {
    const name = this.nameOf(this.presenter);
    if (this.cut) return this.words(`rooms-cut-${role}`, { name });
    if (role !== "presenting") {
      if (!here) return this.words("rooms-waiting", { name });
      return this.words(role === "following" ? "rooms-following" : "rooms-left", { name });
    }
    const others = this.members.filter((member) => member.person !== this.me);
    if (others.length === 0) return this.presentingAlone();
    return this.words("rooms-presenting-followed", { count: others.filter((member) => member.following).length });
  }

  private presentingAlone(): string {
    const gone = [...this.names].filter(([person]) => person !== this.me).map(([, name]) => name);
    return gone.length === 0 ? this.words("rooms-presenting-alone", this.awaited()) : this.words("rooms-presenting-left", { name: gone.at(-1)! });
  }

  private whoClosed(): string {
    if (this.closer === undefined) return this.words("rooms-ended-closed");
    return this.closer.person === this.me ? this.words("rooms-ended-closed-you") : this.words("rooms-ended-closed-by", { name: this.closer.name });
  }

  private linkIs(state: ConnectionState | "apart"): void {
    const pill = find("#link-state", HTMLElement);
    if (pill.dataset["state"] === state) return;
    pill.dataset["state"] = state;
    pill.textContent = this.words(`rooms-state-${state}`);
    pill.title = state === "apart" || state === "events" ? this.words(`rooms-state-${state}-title`) : "";
  }

  /** What this page shows and follows, for tests and for whoever wants to know; read only. */
  private honest(): void {
    const data = this.bench.element.dataset;
    data["role"] = this.presents ? "presenting" : this.following ? "following" : "left";
    data["epoch"] = String(this.epoch);
    const field = this.presents ? this.bench.slideView.view() : this.shown;
    if (field === undefined) delete data["field"];
    else data["field"] = viewText(field);
  }
}

allowOnlyEmptyHtml();
const words = wordsFrom({ fr: [viewerFr, roomsFr, liveFr, sessionFr], en: [viewerEn, roomsEn, liveEn, sessionEn] });
const config = readConfig<RoomConfig>("viewer-config");
if (config.me.guest) watermark(config.me.name);
else new Notices(words).listen();
const life = new SessionLife(words, {
  place: () => location.pathname,
  // The room ended with the session, or its slide did: the page begins anew where it was.
  returned: () => location.reload(),
}).start();
await new Room(config, words).start();
