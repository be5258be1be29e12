// The room's page: what the room says goes to the view, the panel and the thread; what the person does goes to the room.

import { Agenda } from "./agenda";
import { AgendaPanel } from "./agenda_panel";
import { Bench } from "./bench";
import type { RoomConfig } from "./config";
import { CallBox } from "./call_box";
import { Connection, tellEnd } from "./connection";
import { find, say } from "./dom";
import { GatherCall } from "./gather_call";
import { handedOn, led } from "./handed_on";
import { happened } from "./happened";
import { InkTool } from "./ink_tool";
import { keepTexts } from "./kept_text";
import { seenIn, type Seen } from "./link";
import type { Act, Fact, Member, Welcome } from "./messages";
import { stillToCome } from "./onward";
import { OnwardCall } from "./onward_call";
import { Participants } from "./participants";
import { Pins } from "./pins";
import { Roll } from "./roll";
import { Pushed } from "./pushed";
import { whyRefused } from "./refusal";
import { act } from "./room_keys";
import { RoomPanel } from "./room_panel";
import { RoomView } from "./room_view";
import { Sending } from "./sending";
import { Session, SESSION_ENDED } from "./session";
import type { SessionLife } from "./session_life";
import { wayToPresent, whyEnded } from "./standing";
import { Thread } from "./thread";
import { dropWarm } from "./warm_drop";
import { WindowReport } from "./window_report";
import type { Words } from "./words";

/** realtime/close_codes.py */
const RIGHT_WITHDRAWN = 4403;

export class RoomPage {
  private readonly participants: Participants;
  private readonly bench: Bench;
  private readonly pushed = new Pushed();
  private readonly report: WindowReport;
  private readonly pins: Pins;
  private readonly session: Session;
  private readonly connection: Connection;
  private readonly sending: Sending;
  private readonly ink: InkTool;
  private readonly view: RoomView;
  private readonly panel: RoomPanel;
  private readonly thread: Thread;
  private readonly agenda = new Agenda();
  private readonly agendaPanel: AgendaPanel;
  private readonly box: CallBox;
  private readonly call: GatherCall;
  private readonly onward: OnwardCall;
  /** This person led a board into this room: they present here, where nobody else does. */
  private leads: boolean;
  private greeted = false;
  private readonly roll: Roll;
  /** The server's clock before this one, ms. */
  private ahead = 0;
  private showing = 0;
  /** The field to show once its slide is, where this person presents. */
  private field: { readonly slide: string; readonly view: Seen } | undefined;

  constructor(
    private readonly config: RoomConfig,
    private readonly words: Words,
    life: SessionLife,
  ) {
    const { room } = config;
    this.participants = new Participants(config.me.id, room.presenter, room.epoch);
    this.pushed.shows(config.slide.id, room.epoch);
    this.bench = new Bench(config.slide, words, { room: true, guest: config.me.guest, pushed: this.pushed, act: (action) => act(action, this.parts) });
    this.pins = new Pins(this.bench, words);
    this.connection = new Connection(words, {
      cut: () => this.show(),
      ended: (code) => {
        if (code === RIGHT_WITHDRAWN) void dropWarm();
        this.thread.back(this.session.unsaid);
        if (code === SESSION_ENDED) keepTexts();
        tellEnd(words, code, whyEnded(words, this.participants, code), this.thread.unsent);
      },
    });
    this.session = new Session(room.id, config.me.id, {
      welcome: (message, fresh) => this.welcome(message, fresh),
      fact: (fact) => this.fact(fact),
      presence: (members) => this.present(members),
      frame: (frame) => {
        if (frame.kind === "viewport") this.view.viewport(frame);
        else if (frame.kind === "receipt") this.view.receipt(frame);
        else this.view.placed(frame);
      },
      pushed: (frame) => {
        if (frame.kind === "tile") this.pushed.tile(frame, performance.now());
        else this.pushed.complete(frame);
      },
      refused: ({ op, code, params }, refused) => {
        const why = whyRefused(words, { code, params });
        if (refused?.kind === "say") this.thread.back([refused.text]);
        if (!this.agendaPanel.refused(op, why)) say(why);
        this.ink.refused(op);
        this.panel.refused(op);
      },
      presented: () => life.watched(),
      linked: (linked) => this.connection.linked(linked),
      state: (state, code) => this.connection.stateIs(state, code),
    }, () => life.renewing);
    this.report = new WindowReport(this.bench.slideView, (message) => {
      this.pushed.reshaped();
      this.session.window(message);
    });
    this.sending = new Sending(this.bench, this.session, () => this.view.changing);
    this.ink = new InkTool(room.id, config.me.id, this.bench, this.sending, words, (act, operation) => this.operate(act, operation));
    this.view = new RoomView(room.id, this.bench, this.participants, this.sending, this.pushed, words, {
      following: () => {
        this.tellFollowing();
        this.show();
      },
      opened: () => {
        this.report.opened();
        this.thread.turned();
        this.show();
      },
      shown: async () => {
        this.showField();
        await Promise.all([this.pins.read(), this.ink.open()]);
      },
      stroke: (frame) => this.ink.stroke(frame),
      answered: () => this.showScreens(),
    });
    this.panel = new RoomPanel(config, words, this.bench, this.participants, (act, operation) => this.operate(act, operation), {
      changed: () => this.show(),
      slide: (id) => {
        if (id !== this.view.slide) this.showSlide(id);
      },
      watch: (person) => this.watch(person),
    });
    this.box = new CallBox(() => this.show());
    this.call = new GatherCall(words, this.participants, this.box, () => this.view.follow(""));
    this.onward = new OnwardCall(words, this.participants, this.box, {
      finish: () => this.ink.toggle(false),
      waiting: () => this.session.waiting,
    });
    const carried = handedOn(room.id);
    this.leads = carried?.leads === true;
    const operate = (act: Act, operation?: string): boolean => this.operate(act, operation);
    this.agendaPanel = new AgendaPanel(config, words, this.participants, this.agenda, operate, carried?.items ?? [], () => Date.now() + this.ahead);
    this.roll = new Roll(room.id, words);
    this.thread = new Thread(words, {
      say: (text, withView) => {
        const view = withView ? seenIn(this.bench.slideView.view(), this.bench.look()) : null;
        return this.operate({ kind: "say", text, view, slide: withView ? this.view.slide : "" });
      },
      go: (slide, view) => this.goTo(slide, view),
      slide: () => this.view.slide,
    });
  }

  async start(): Promise<void> {
    await this.bench.start();
    // The field that the room was opened on has been shown; loading the page again is not to go back to it.
    history.replaceState(null, "", location.pathname);
    this.view.start();
    this.report.start();
    if (this.config.room.may_point) this.sending.pointAlong(this.bench.element);
    this.panel.listen();
    this.box.listen();
    this.agendaPanel.listen();
    this.roll.listen();
    this.ink.listen();
    const same = find("#same", HTMLInputElement);
    same.addEventListener("change", () => {
      this.view.atSame(same.checked);
      this.report.same(same.checked);
    });
    window.addEventListener("pagehide", () => this.session.leave());
    this.session.start();
    await this.pins.read();
  }

  // What comes in ------------------------------------------------------------------------------------------------------

  private welcome(message: Welcome, fresh: readonly Fact[]): void {
    if (message.mode === "reset") this.reset();
    this.ahead = message.at - Date.now();
    this.agenda.welcomed(message.agenda);
    this.pushed.shows(message.slide, message.epoch);
    if (this.view.slide !== message.slide) void this.view.changeSlide();
    this.setPresenter(message.presenter, message.epoch);
    this.present(message.members);
    for (const fact of fresh) this.tell(fact);
    // What came while the link was cut calls; who comes late is only offered the way.
    const missed = fresh.find((fact) => fact.seq === this.onward.way?.seq);
    if (this.greeted && missed?.kind === "onward") this.onward.called(missed, stillToCome(this.agenda, missed.body.room));
    this.greeted = true;
    this.lead();
    this.view.welcomed(message.frames !== "");
  }

  /** The room's facts are others than those that were heard, or too many came: none of those counts, and their numbers may come again. */
  private reset(): void {
    this.participants.reset();
    this.onward.reset();
    this.box.close();
    this.panel.settled();
    this.thread.clear();
    this.pushed.reset();
    this.view.reset();
    void this.ink.reset((operation) => this.session.waitsFor(operation));
  }

  private fact(fact: Fact): void {
    this.tell(fact);
    switch (fact.kind) {
      case "presenter": {
        const { presenter, epoch } = fact.body;
        this.setPresenter(presenter, epoch);
        if (this.participants.presents) {
          say(this.words("rooms-you-present"));
          this.view.sample();
        } else {
          say(this.words("rooms-took", { name: this.participants.nameOf(presenter) }));
        }
        break;
      }
      case "slide":
        this.slideIs(fact.body.slide, fact.body.epoch);
        break;
      case "asked":
        this.panel.asked(fact.actor, fact.name);
        break;
      case "gathered":
        this.call.gathered(fact.name);
        break;
      case "item":
        if (fact.body.epoch > this.participants.epoch) this.slideIs(fact.body.slide, fact.body.epoch);
        this.agendaPanel.show();
        break;
      case "agenda":
        this.agendaPanel.show();
        break;
      case "onward":
        this.agendaPanel.show();
        this.onward.called(fact, stillToCome(this.agenda, fact.body.room));
        break;
      case "opened":
      case "said":
      case "closed":
      case "withheld":
        break;
    }
  }

  /** What a fact says in the thread. */
  private tell(fact: Fact): void {
    this.participants.heard(fact);
    this.agenda.heard(fact);
    this.ink.heard(fact);
    this.onward.heard(fact);
    if (fact.kind === "asked") this.panel.done(fact.op);
    const line = happened(this.words, fact, this.participants, this.agenda, this.config.slides);
    if (fact.kind === "said") this.thread.said(fact);
    else if (line !== undefined) this.thread.happened(line, fact.kind === "onward" ? this.onward.button(fact) : undefined);
  }

  private present(members: readonly Member[]): void {
    this.participants.present(members);
    this.view.present();
    this.ink.present(members);
    if (this.participants.mustStop) {
      say(this.words("rooms-watch-stopped", { name: this.participants.nameOf(this.participants.leader) }));
      this.view.stop();
    }
    this.call.changed();
    this.show();
    this.bench.refresh();
  }

  /** The room shows another slide: it is being opened before its epoch begins here, so that no field of the one before goes out. */
  private slideIs(slide: string, epoch: number): void {
    this.pushed.shows(slide, epoch);
    void this.view.changeSlide();
    this.setPresenter(this.participants.presenter, epoch);
  }

  private setPresenter(presenter: string, epoch: number): void {
    const { whom } = this.participants;
    const changed = this.participants.setPresenter(presenter, epoch);
    if (this.participants.whom !== whom) this.tellFollowing();
    this.session.setEpoch(epoch);
    this.ink.presents(this.participants.presents);
    if (changed !== undefined) this.view.begin();
    if (changed === "presenter") this.panel.settled();
    this.show();
    this.bench.refresh(); // the frame of who presented before goes at once
  }

  // What the person does -------------------------------------------------------------------------------------------------

  private get parts(): Parameters<typeof act>[1] {
    const { config, pins, view, box, onward, ink, panel, agendaPanel: agenda, thread } = this;
    return { config, pins, view, box, onward, ink, panel, agenda, thread };
  }

  /** Whoever led a board here presents, where nobody else does. */
  private lead(): void {
    if (!this.leads) return;
    this.leads = false;
    led();
    const way = this.config.room.may_present ? wayToPresent(this.participants, false, this.connection.carries) : undefined;
    if (way === "take") this.operate({ kind: "take", epoch: this.participants.epoch });
  }

  private goTo(slide: string, view: Seen): void {
    if (slide === this.view.slide) this.bench.goTo(view, view.look);
    else this.showSlide(slide, view);
  }

  /** `view`: the field to show of it. */
  private showSlide(slide: string, view?: Seen): void {
    if (!this.participants.presents) return say(this.words("rooms-slide-presenter-only"));
    this.field = view === undefined ? undefined : { slide, view };
    this.operate({ kind: "slide", epoch: this.participants.epoch, slide });
  }

  private showField(): void {
    const { field } = this;
    this.field = undefined; // whichever slide it is: what was asked for before it is over
    if (field?.slide === this.view.slide && this.participants.presents) this.bench.goTo(field.view, field.view.look);
  }

  private watch(person: string): void {
    const { participants } = this;
    if (person === participants.presenter) this.view.follow("");
    else if (participants.mayFollow(person)) this.view.follow(person);
    else say(this.words("rooms-watch-circle", { name: participants.nameOf(person) }));
  }

  private tellFollowing(): void {
    const { following, whom } = this.participants;
    this.session.follow(following, following ? whom : "");
  }

  /** Does it, now or when the link is back. */
  private operate(act: Act, operation: string = crypto.randomUUID()): boolean {
    if (act.kind === "onward" || act.kind === "item") this.onward.mine(operation);
    const kept = this.session.act(act, operation);
    if (this.connection.cut) this.show();
    return kept;
  }

  private show(): void {
    const { asks: called } = this.box;
    this.panel.show(this.view.slide, this.connection, { waiting: this.session.waiting, called, onward: this.onward.leads });
    this.agendaPanel.show();
    this.call.changed();
    this.showScreens();
    this.view.honest();
  }

  /** Once an animation frame at most: answers come from many at once. */
  private showScreens(): void {
    if (this.showing !== 0) return;
    this.showing = requestAnimationFrame(() => {
      this.showing = 0;
      const { receipts, sent } = this.view;
      const { watchers } = this.participants;
      const sharp = receipts.sharp(watchers, sent);
      this.panel.showScreens((member) => receipts.of(member, sent), sharp);
      this.bench.element.dataset["screens"] = `${sharp}/${watchers.length}`;
    });
  }
}
