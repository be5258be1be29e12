// Notices that arrive while a page is open: a toast, the number of unread ones, and a `notice` event on the body by
// which lists refresh themselves (hx-trigger="notice from:body").

import { doubt } from "./activity";
import { showInBrowser } from "./browser_notices";
import { make } from "./dom";
import type { Words } from "./words";

/** The data of an event `notice` of /notices/stream; `text` is in the reader's language. */
export interface Notice {
  readonly id: string;
  readonly kind: string;
  /** The page that the notice is about. */
  readonly path: string;
  readonly text: string;
  /** The number of the case, and how urgent it is. */
  readonly about: string;
  readonly unread: number;
  /** Whether its reader wants the browser itself to show that it came. */
  readonly browser: boolean;
  /** Counts this person's notices. */
  readonly number: number;
}

/** What a toast offers to who is at `here`. A page that the notice is about refreshes itself: there the words alone. */
export function offered(notice: Pick<Notice, "kind" | "path">, here: string): "join" | "open" | "words" | "nothing" {
  if (notice.kind === "room.invited") return notice.path === here ? "nothing" : "join";
  return notice.path === here ? "words" : "open";
}

const SHOWN_MS = 12_000;

export class Notices {
  private stream: EventSource | undefined;
  private delay = 1000;
  private readonly closed = new Set<string>();
  /** The number of the last notice that this page knows: what came while it was being made is told by the stream. */
  private seen = document.querySelector<HTMLElement>("#toasts")?.dataset["seen"];

  constructor(private readonly words: Words) {}

  listen(): void {
    this.stream = new EventSource(this.seen === undefined ? "/notices/stream" : `/notices/stream?after=${this.seen}`);
    this.stream.addEventListener("open", () => {
      this.delay = 1000;
    });
    this.stream.addEventListener("notice", (event) => this.arrived(JSON.parse(String(event.data)) as Notice));
    this.stream.addEventListener("waiting", (event) => this.waits(JSON.parse(String(event.data)) as Notice));
    this.stream.addEventListener("unread", (event) => this.count((JSON.parse(String(event.data)) as { unread: number }).unread));
    this.stream.addEventListener("error", () => {
      // The browser comes back by itself after a cut; after an answer other than 200 it gives up, and we do not.
      if (this.stream?.readyState !== EventSource.CLOSED) return;
      doubt();
      window.setTimeout(() => this.listen(), this.delay * (0.5 + Math.random()));
      this.delay = Math.min(this.delay * 2, 60_000);
    });
  }

  private arrived(notice: Notice): void {
    this.seen = String(notice.number);
    document.body.dispatchEvent(new CustomEvent("notice", { detail: notice }));
    this.count(notice.unread);
    showInBrowser(notice, this.words);
    const offer = offered(notice, location.pathname);
    if (offer !== "nothing") this.toast(notice, offer);
  }

  /** An invitation that was not answered, once in each page. A page that offers the room itself, or whose reader closed
   *  the invitation, needs no toast. */
  private waits(notice: Notice): void {
    const shown = document.querySelector(`#running a[href="${CSS.escape(notice.path)}"], #toasts [data-notice="${CSS.escape(notice.id)}"]`);
    if (shown === null && location.pathname !== notice.path && !this.closed.has(notice.id)) this.toast(notice, "join");
  }

  private count(unread: number): void {
    for (const badge of document.querySelectorAll<HTMLElement>("#notice-count")) {
      badge.hidden = unread === 0;
      badge.textContent = unread > 99 ? "99+" : String(unread);
      badge.title = this.words("live-unread", { count: unread });
    }
  }

  private toast(notice: Notice, offer: "join" | "open" | "words"): void {
    const box = document.querySelector("#toasts");
    if (box === null) return;
    const invitation = offer === "join";
    const open = make("a", { class: invitation ? "button small primary" : "button small plain", text: this.words(invitation ? "live-join" : "live-open") });
    // A path of our own, whatever the event says.
    open.href = new URL(notice.path, location.origin).pathname;
    const close = make("button", { class: "quiet small", text: this.words("live-dismiss") });
    close.type = "button";
    const about = notice.about === "" ? [] : [make("p", { class: "meta", text: notice.about })];
    const acts = make("div", { class: "actions" }, ...(offer === "words" ? [close] : [open, close]));
    const toast = make("div", { class: invitation ? "toast invitation" : "toast" }, make("p", { text: notice.text }), ...about, acts);
    toast.dataset["notice"] = notice.id;
    close.addEventListener("click", () => {
      this.closed.add(notice.id);
      toast.remove();
    });
    box.append(toast);
    // An invitation waits for its answer; the rest is in the list of notices.
    if (!invitation) {
      let timer = window.setTimeout(() => toast.remove(), SHOWN_MS);
      const hold = (): void => window.clearTimeout(timer);
      toast.addEventListener("pointerenter", hold);
      toast.addEventListener("focusin", hold);
      toast.addEventListener("pointerleave", () => {
        timer = window.setTimeout(() => toast.remove(), SHOWN_MS / 2);
      });
    }
  }
}
