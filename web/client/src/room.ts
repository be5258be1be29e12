// Entry point of the room page: a slide looked at together. What the room says goes to the view, the panel and the thread.

import { Bench } from "./bench";
import type { RoomConfig } from "./config";
import { Connection, tellEnd } from "./connection";
import { readConfig, say } from "./dom";
import { seenIn, type Seen } from "./link";
import type { Fact, Member, Welcome } from "./messages";
import { Notices } from "./notices";
import { Participants } from "./participants";
import { Pins } from "./pins";
import { RoomPanel } from "./room_panel";
import { RoomView } from "./room_view";
import { Sending } from "./sending";
import { Session } from "./session";
import { SessionLife } from "./session_life";
import { whyEnded } from "./standing";
import { Thread } from "./thread";
import { allowOnlyEmptyHtml } from "./trusted";
import { watermark } from "./watermark";
import { wordsFrom, type Words } from "./words";
import liveEn from "../../locale/en/live.ftl";
import roomsEn from "../../locale/en/rooms.ftl";
import sessionEn from "../../locale/en/session.ftl";
import viewerEn from "../../locale/en/viewer.ftl";
import liveFr from "../../locale/fr/live.ftl";
import roomsFr from "../../locale/fr/rooms.ftl";
import sessionFr from "../../locale/fr/session.ftl";
import viewerFr from "../../locale/fr/viewer.ftl";

class Room {
  private readonly participants: Participants;
  private readonly bench: Bench;
  private readonly pins: Pins;
  private readonly session: Session;
  private readonly connection: Connection;
  private readonly sending: Sending;
  private readonly view: RoomView;
  private readonly panel: RoomPanel;
  private readonly thread: Thread;

  constructor(
    private readonly config: RoomConfig,
    private readonly words: Words,
    life: SessionLife,
  ) {
    const { room } = config;
    this.participants = new Participants(config.me.id, room.presenter, room.epoch);
    this.bench = new Bench(config.slide, words, { room: true, guest: config.me.guest, act: (action) => this.act(action) });
    this.pins = new Pins(this.bench, words);
    this.connection = new Connection(words, {
      cut: () => this.show(),
      ended: (code) => tellEnd(words, code, whyEnded(words, this.participants, code), this.thread.unsent),
    });
    this.session = new Session(room.id, {
      welcome: (message, fresh) => this.welcome(message, fresh),
      fact: (fact) => this.fact(fact),
      presence: (members) => this.present(members),
      frame: (frame) => {
        if (frame.kind === "viewport") this.view.viewport(frame);
        else if (frame.kind === "pointer") this.view.pointed(frame);
      },
      refused: ({ code, params }) => say(words(code, params)),
      presented: () => life.watched(),
      linked: (linked) => this.connection.linked(linked),
      state: (state, code) => this.connection.stateIs(state, code),
    }, () => life.renewing);
    this.sending = new Sending(this.bench, this.session);
    this.view = new RoomView(room.id, this.bench, this.participants, this.sending, {
      following: (following) => {
        this.session.follow(following);
        this.show();
      },
      opened: () => this.show(),
      shown: () => this.pins.read(),
    });
    this.panel = new RoomPanel(config, words, this.bench, this.participants, this.session, {
      changed: () => this.show(),
      slide: (id) => {
        if (id !== this.view.slide) this.showSlide(id);
      },
    });
    this.thread = new Thread(words, {
      say: (text, withView) => this.session.act({ kind: "say", text, view: withView ? seenIn(this.bench.slideView.view(), this.bench.look()) : null }),
      go: (slide, view) => this.goTo(slide, view),
      slide: () => this.view.slide,
    });
  }

  async start(): Promise<void> {
    await this.bench.start();
    // The field that the room was opened on has been shown; loading the page again is not to go back to it.
    history.replaceState(null, "", location.pathname);
    this.view.start();
    if (this.config.room.may_point) this.sending.pointAlong(this.bench.element);
    this.panel.listen();
    window.addEventListener("pagehide", () => this.session.leave());
    this.session.start();
    await this.pins.read();
  }

  // What comes in ------------------------------------------------------------------------------------------------------

  private welcome(message: Welcome, fresh: readonly Fact[]): void {
    if (message.mode === "reset") this.thread.clear();
    this.setPresenter(message.presenter, message.epoch);
    this.present(message.members);
    for (const fact of fresh) this.tell(fact);
    if (this.view.slide !== message.slide) void this.view.changeSlide();
    this.view.welcomed(message.frames !== "");
  }

  private fact(fact: Fact): void {
    this.tell(fact);
    switch (fact.kind) {
      case "presenter": {
        const { presenter, epoch } = fact.body;
        this.setPresenter(presenter, epoch);
        this.panel.clearAsks();
        if (this.participants.presents) {
          say(this.words("rooms-you-present"));
          this.view.sample();
        } else {
          say(this.words("rooms-took", { name: this.participants.nameOf(presenter) }));
        }
        break;
      }
      case "slide":
        this.setPresenter(this.participants.presenter, fact.body.epoch);
        void this.view.changeSlide();
        break;
      case "asked":
        this.panel.asked(fact.actor, fact.name);
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
    this.participants.heard(fact);
    if (fact.kind === "said") this.thread.said(fact);
    else if (fact.kind === "presenter") {
      this.thread.happened(this.words("rooms-took", { name: this.participants.nameOf(fact.body.presenter) }));
    } else if (fact.kind === "slide") {
      const slide = this.config.slides.find((one) => one.id === fact.body.slide);
      const label = slide?.label || this.words("viewer-slide-unnamed");
      this.thread.happened(this.words("rooms-slide-changed", { name: fact.name, label }));
    }
  }

  private present(members: readonly Member[]): void {
    this.participants.present(members);
    this.view.present();
    this.show();
    this.bench.refresh();
  }

  private setPresenter(presenter: string, epoch: number): void {
    const changed = this.participants.setPresenter(presenter, epoch);
    this.session.setEpoch(epoch);
    if (changed) {
      this.view.begin();
      this.panel.answered();
    }
    this.show();
    this.bench.refresh(); // the frame of who presented before goes at once
  }

  // What the person does -------------------------------------------------------------------------------------------------

  private act(action: string): void {
    if (action === "pin" && this.config.may_mark) this.pins.begin();
    else if (action === "pins") this.pins.toggle();
    else if (action === "rejoin") this.view.rejoin();
    else if (action === "chat" && this.config.room.may_speak) {
      this.panel.open();
      this.thread.focus();
    }
  }

  private goTo(slide: string, view: Seen): void {
    if (slide === this.view.slide) this.bench.goTo(view, view.look);
    else this.showSlide(slide);
  }

  private showSlide(slide: string): void {
    if (this.participants.presents) this.session.act({ kind: "slide", epoch: this.participants.epoch, slide });
    else say(this.words("rooms-slide-presenter-only"));
  }

  private show(): void {
    this.panel.show(this.view.slide, this.connection);
    this.view.honest();
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
await new Room(config, words, life).start();
