// The life of the session on the screen: tells the server that somebody is here, warns before the session ends, renews it in
// a small window, and covers the page once it has ended. All tabs of a browser share what they know; when to do what is
// decided in session_clock.ts.

import { acted, covered, lastAct, onDoubt, request, revived, watchActs } from "./activity";
import { make } from "./dom";
import { forgetTexts, keepOnLeaving, keepTexts, person, restoreTexts } from "./kept_text";
import { answered, due, endOf, phase, settled, tried, type Clock, type Told } from "./session_clock";
import { dropWarm } from "./warm_drop";
import { timeOfDay, type Words } from "./words";

const TICK_MS = 1000;
const RETRY_MS = 5000;
/** Other tabs hear of acts this often at most. */
const SHARE_MS = 5000;
/** Until the answer that carries a new session's cookie has come to another tab; longer while a renewal goes on. */
const SUCCESSION_MS = 700;
const RENEWAL_MS = 10 * 60_000;
/** Who put the warning off sees it again this long before the end. */
const LAST_WORD_MS = 60_000;
const RENEW = "/login/step-up?return_to=/session/renewed";
const WINDOW = "popup,width=560,height=760";

/** Between the tabs of one browser. Nothing in it says who they are. */
type Word = { readonly kind: "act"; readonly at: number } | { readonly kind: "renewing" | "renewed" | "opened" | "over" };

type Ending = "idle" | "expired" | "ended" | "other";

export interface Page {
  /** Where to come back to: the path of the page, unless it knows better. */
  readonly place?: () => string;
  /** The session lives again: what this page shows may have ended with it. */
  readonly returned?: () => void;
}

export class SessionLife {
  private clock: Clock | undefined;
  private readonly channel = new BroadcastChannel("telepath-session");
  private asking = false;
  private doubting = false;
  private startedAt = Date.now();
  /** The server has said that the session does not live. */
  private gone = false;
  private sharedAt = 0;
  private renewingSince = -Infinity;
  private putOff = false;
  private ending: Ending | undefined;
  private banner: HTMLElement | undefined;
  private bannerText = "";
  private cover: HTMLElement | undefined;
  private title = "";

  constructor(
    private readonly words: Words,
    private readonly page: Page = {},
  ) {}

  start(): this {
    restoreTexts();
    keepOnLeaving();
    watchActs(() => this.share());
    onDoubt(() => void this.doubted());
    this.channel.addEventListener("message", (event) => this.hear((event as MessageEvent<Word>).data));
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return;
      this.tick();
      void this.ask();
    });
    window.addEventListener("pageshow", (event) => {
      if (event.persisted) void this.ask();
    });
    window.setInterval(() => this.tick(), TICK_MS);
    this.say({ kind: "opened" });
    void this.ask();
    return this;
  }

  /** Whether somebody authenticates anew, in any window of this browser: a session that ended may have a successor soon. */
  get renewing(): boolean {
    return Date.now() - this.renewingSince < RENEWAL_MS;
  }

  /** Something moved on a page that is looked at, though not by one's own hand. */
  watched(): void {
    if (document.hidden || covered()) return;
    acted();
    this.share();
  }

  private say(word: Word): void {
    this.channel.postMessage(word);
  }

  private share(): void {
    if (covered()) return;
    const now = Date.now();
    if (now - this.sharedAt >= SHARE_MS) {
      this.sharedAt = now;
      this.say({ kind: "act", at: now });
    }
    // Under the warning an act is told without waiting for the next look at the clock.
    if (this.banner?.dataset["kind"] === "idle-soon") this.tick();
  }

  private hear(word: Word): void {
    if (word.kind === "act") return acted(word.at);
    if (word.kind === "renewing") {
      this.renewingSince = Date.now();
      return;
    }
    if (word.kind === "renewed") this.renewingSince = -Infinity;
    // A page that opened may be the first one of a new session.
    if (word.kind === "over") void this.doubted();
    else if (word.kind === "renewed" || covered() || this.banner !== undefined) void this.ask();
  }

  private tick(): void {
    const now = Date.now();
    const { clock } = this;
    if (clock === undefined) {
      if (this.gone || now - this.startedAt < RETRY_MS) return;
      this.startedAt = now;
      return void this.ask();
    }
    const what = this.gone || this.ending === "other" ? undefined : due(clock, lastAct(), now);
    if (what === "tell") void this.ask("/session/seen", "POST");
    else if (what === "ask") void this.ask();
    this.show(now);
  }

  /** Asks how long the session lives, or says that somebody is here. Returns whether it lives; undefined: no answer, or
   * somebody else has one here. */
  private async ask(address = "/session", method = "GET"): Promise<boolean | undefined> {
    if (this.asking) return undefined;
    this.asking = true;
    const sentAt = Date.now();
    if (this.clock !== undefined) this.clock = tried(this.clock, sentAt);
    try {
      const signal = AbortSignal.timeout(RETRY_MS);
      const answer = await request(address, { method, headers: { Accept: "application/json" }, cache: "no-store", signal });
      if (answer.status === 401) return false;
      if (!answer.ok) return undefined;
      return this.lives((await answer.json()) as Told, sentAt) ? true : undefined;
    } catch {
      return undefined; // the link: tried again by the clock, and the session still ends on time
    } finally {
      this.asking = false;
      this.show(Date.now());
    }
  }

  /** Returns whether it is the one of who this page is for. */
  private lives(told: Told, sentAt: number): boolean {
    if (told.person !== person()) {
      this.over("other");
      return false;
    }
    if (this.clock !== undefined && told.renewable && answered(told, sentAt).expiresAt > this.clock.expiresAt + 1000) this.putOff = false;
    this.clock = answered(told, sentAt);
    this.gone = false;
    if (this.ending !== undefined) this.uncover();
    return true;
  }

  /** Asked again for a while: a new session may be taking the place of the old one. */
  private async doubted(): Promise<void> {
    if (this.doubting || this.ending !== undefined) return;
    this.doubting = true;
    const until = Date.now() + (this.renewing ? 10_000 : SUCCESSION_MS);
    let lives: boolean | undefined;
    do {
      await new Promise((resolve) => window.setTimeout(resolve, SUCCESSION_MS));
      if (!this.asking) lives = await this.ask();
    } while (lives !== true && Date.now() < until);
    this.doubting = false;
    if (lives === true) return revived();
    if (lives === undefined) return;
    this.gone = true;
    this.over(this.why());
  }

  private why(): Ending {
    const { clock } = this;
    const now = Date.now() + TICK_MS;
    if (clock === undefined || now < endOf(clock)) return "ended";
    return clock.expiresAt <= clock.idleAt ? "expired" : "idle";
  }

  // What is shown ------------------------------------------------------------------------------------------------------

  private show(now: number): void {
    const { clock } = this;
    if (clock === undefined || this.ending !== undefined) return;
    const present = phase(clock, now);
    // The end needs no answer: an abandoned screen is covered though the network is away.
    if (present === "over" && (settled(clock, now) || clock.triedAt >= endOf(clock)) && !this.asking) return this.over(this.why());
    const late = clock.expiresAt - now < LAST_WORD_MS;
    const warn = (present === "idle-soon" || (present === "end-soon" && (!this.putOff || late))) && settled(clock, now);
    if (!warn) return this.unwarn();
    this.warn(present, clock, late);
  }

  private warn(kind: "idle-soon" | "end-soon", clock: Clock, late: boolean): void {
    const { renewable, guest } = clock;
    const time = timeOfDay(new Date(endOf(clock)));
    const text = `${kind} ${time} ${late}`;
    if (this.banner?.dataset["kind"] === kind && this.bannerText === text) return;
    this.unwarn();
    this.bannerText = text;
    const sentence = (id: string): string => this.words(id, { time });
    const name = kind === "idle-soon" ? "idle" : renewable ? "end" : guest ? "end-guest" : "end-fixed";
    const buttons = make("div", { class: "life-acts" });
    if (kind === "idle-soon") {
      // A click is an act as any other: nothing more is needed.
      buttons.append(button(this.words("session-idle-stay"), "primary", () => this.tick()));
    } else {
      if (renewable) buttons.append(this.renewLink());
      if (!late) buttons.append(button(this.words("session-end-later"), "quiet", () => this.later()));
    }
    const words = make("div", { class: "life-words" },
      make("p", { class: "life-title", text: sentence(`session-${name}-title`) }), make("p", { text: sentence(`session-${name}-text`) }));
    this.banner = make("div", { class: "life-banner" }, words, buttons);
    this.banner.dataset["kind"] = kind;
    // Read out at once, and first in the order of the keys; what is being typed keeps the focus.
    this.banner.setAttribute("role", "alert");
    const skip = document.querySelector("body > .skip");
    if (skip === null) document.body.prepend(this.banner);
    else skip.after(this.banner);
  }

  private unwarn(): void {
    this.banner?.remove();
    this.banner = undefined;
  }

  private later(): void {
    this.putOff = true;
    this.unwarn();
  }

  /** A link, so that it opens a tab where small windows are blocked. */
  private renewLink(): HTMLAnchorElement {
    const link = make("a", { class: "button primary", text: this.words("session-end-renew") });
    link.href = RENEW;
    link.target = "telepath-renewal";
    link.addEventListener("click", (event) => {
      this.renewingSince = Date.now();
      this.say({ kind: "renewing" });
      if (window.open(RENEW, "telepath-renewal", WINDOW) !== null) event.preventDefault();
    });
    return link;
  }

  /** Covers the page: what it shows must not stay in sight of whoever passes. */
  private over(ending: Ending): void {
    if (this.ending !== undefined && ending !== "other") return;
    const first = this.ending === undefined;
    this.ending = ending;
    this.unwarn();
    const kept = keepTexts() || document.querySelector('[data-draft-kept="true"]') !== null;
    for (const dialog of document.querySelectorAll<HTMLDialogElement>("dialog[open]")) dialog.close();
    if (document.fullscreenElement !== null) void document.exitFullscreen();
    void dropWarm();
    if (first) {
      this.title = document.title;
      this.say({ kind: "over" });
    }
    this.cover?.remove();
    this.cover = this.coverOf(ending, kept);
    for (const element of document.body.children) if (element instanceof HTMLElement) element.inert = true;
    document.documentElement.dataset["session"] = "over";
    document.title = `${this.words("session-over-label")} · telepath`;
    document.body.append(this.cover);
    this.cover.querySelector("a")?.focus();
  }

  private coverOf(ending: Ending, kept: boolean): HTMLElement {
    const guest = this.clock?.guest === true;
    const other = ending === "other";
    const heading = make("h2", { text: this.words(`session-over-${ending}`) });
    heading.id = "life-over-title";
    const text = other ? "session-over-other-text" : guest ? "session-over-guest" : "session-over-text";
    const box = make("div", { class: "life-over" }, heading, make("p", { text: this.words(text) }));
    if (kept && !other && !guest) box.append(make("p", { text: this.words("session-over-kept") }));
    if (other || !guest) {
      const link = make("a", { class: "button primary", text: this.words(other ? "session-over-home" : "session-over-sign-in") });
      const place = this.page.place?.() ?? `${location.pathname}${location.search}${location.hash}`;
      link.href = other ? "/" : `/login?return_to=${encodeURIComponent(place)}`;
      box.append(make("p", {}, link));
    }
    const cover = make("div", { class: "life-cover" }, box);
    cover.setAttribute("role", "alertdialog");
    cover.setAttribute("aria-modal", "true");
    cover.setAttribute("aria-labelledby", heading.id);
    return cover;
  }

  private uncover(): void {
    this.ending = undefined;
    this.cover?.remove();
    this.cover = undefined;
    delete document.documentElement.dataset["session"];
    for (const element of document.body.children) if (element instanceof HTMLElement) element.inert = false;
    document.title = this.title;
    if (this.page.returned !== undefined) return this.page.returned();
    forgetTexts();
    revived();
  }
}

function button(text: string, kind: string, act: () => void): HTMLButtonElement {
  const made = make("button", { class: kind, text });
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

/** The page at the end of a renewal: tells the others, and closes the small window. Returns whether this is that page. */
export function finishRenewal(): boolean {
  if (document.querySelector("#session-renewed") === null) return false;
  const channel = new BroadcastChannel("telepath-session");
  channel.postMessage({ kind: "renewed" } satisfies Word);
  channel.close();
  window.close();
  return true;
}
