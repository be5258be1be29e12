// Entry point of the worklist and of the pages of cases and consults: fetches ahead, while nobody looks at a slide in this
// browser, what a reader will look at first, and throws away what is no longer theirs. Without it every page works as it did.

import { request } from "./activity";
import { make } from "./dom";
import { dropWarm } from "./warm_drop";
import { goes, inOrder, requests, room, spares, type Kept, type Line, type Part, type WarmCase, type WarmSlide } from "./warm_plan";
import { dropOthers, kept, keeps, nameOf, stateOf, WarmStore } from "./warm_store";
import { LOOKING } from "./warm_tiles";
import { BatchReader } from "./tile_names";
import { wordsFrom } from "./words";
import warmEn from "../../locale/en/warm.ftl";
import warmFr from "../../locale/fr/warm.ftl";

/** One page of this browser fetches at a time. */
const WARMING = "telepath-warming";
/** How soon the server is asked again what there is to keep. */
const AGAIN_MS = 60_000;
/** How soon it is looked whether somebody still looks at a slide. */
const LOOK_MS = 2000;
const IDLE_MS = 3000;
/** The person wants it over this line, until they close the tab. */
const ANYWAY = "warm-anyway";

const SAID = { going: "warm-going", ready: "warm-ready", spared: "warm-spared" } as const;

interface Plan {
  readonly tiles: readonly string[];
  readonly bytes: number;
  readonly mark: string;
}

const words = wordsFrom({ fr: [warmFr], en: [warmEn] });
const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => window.setTimeout(resolve, milliseconds));
const line = (): Line | undefined => (navigator as { connection?: Line }).connection;
const wanted = (): boolean => !spares(line()) || sessionStorage.getItem(ANYWAY) !== null;

/** When the browser has nothing else to do. */
const idle = (): Promise<void> =>
  new Promise((resolve) => {
    if ("requestIdleCallback" in window) window.requestIdleCallback(() => resolve(), { timeout: IDLE_MS });
    else setTimeout(resolve, 200);
  });

/** Nobody looks at a slide in this browser. */
async function alone(): Promise<void> {
  for (;;) {
    await idle();
    const { held = [] } = await navigator.locks.query();
    if (!held.some((lock) => lock.name === LOOKING)) return;
    await pause(LOOK_MS);
  }
}

/** The server does not let this person have it, now or any more. */
class Refused extends Error {}

async function ask(address: string, init: RequestInit = {}): Promise<Response> {
  const answer = await request(address, { cache: "no-store", ...init });
  if (answer.status === 401 || answer.status === 404) throw new Refused();
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer;
}

/** The tiles of one request, and those that the server does not have. */
async function fetched(slide: string, names: readonly string[]): Promise<{ parts: Part[]; missing: string[] }> {
  const text = names.map((name) => name.replace("/", "-")).join("+");
  const answer = await ask(`/slides/${slide}/warm/${text}`, { priority: "low" } as RequestInit);
  const carried = new BatchReader().push(new Uint8Array(await answer.arrayBuffer()));
  const parts: Part[] = [];
  const missing: string[] = [];
  carried.forEach(({ status, bytes }, at) => {
    const name = names[at]!;
    if (status === 200) parts.push({ name, bytes });
    else if (status === 404 || status === 422) missing.push(name);
  });
  return { parts, missing };
}

class Warming {
  private readonly place = document.querySelector<HTMLElement>("[data-warm]");
  private slides: readonly (WarmSlide & { readonly cache: string })[] = [];
  /** Of the case of this page. */
  private here: readonly string[] = [];

  async run(): Promise<void> {
    void this.tell();
    for (;;) {
      try {
        await this.look();
        if (wanted()) await navigator.locks.request(WARMING, () => this.round());
      } catch (why) {
        // The session has ended, or the browser keeps nothing: what lies there cannot be opened any more.
        if (why instanceof Refused) await dropWarm();
      }
      await pause(AGAIN_MS);
      while (document.hidden) await pause(LOOK_MS);
    }
  }

  /** What there is to keep, and away with the rest: of another session, another person, or a right that has ended. */
  private async look(): Promise<void> {
    const answer = await ask("/warm");
    const { cases } = (await answer.json()) as { cases: readonly WarmCase[] };
    const here = this.place?.dataset["warm"] ?? "";
    this.slides = await Promise.all(inOrder(cases, here).map(async (one) => ({ ...one, cache: await nameOf(one.key) })));
    const own = new Set(cases.filter((one) => one.id === here).flatMap((one) => one.slides.map(({ id }) => id)));
    this.here = this.slides.filter(({ id }) => own.has(id)).map(({ cache }) => cache);
    await dropOthers(new Set(this.slides.map(({ cache }) => cache)));
  }

  private async round(): Promise<void> {
    for (const slide of this.slides) {
      const state = await stateOf(slide.cache);
      if (state?.mark === slide.mark) continue;
      try {
        if (!(await this.keep(slide))) return;
      } catch (why) {
        if (!(why instanceof Refused)) throw why;
        await caches.delete(slide.cache); // this one alone: the others have rights of their own
      }
    }
  }

  /** False: there is no room for more. */
  private async keep(slide: (typeof this.slides)[number]): Promise<boolean> {
    await alone();
    const screen = { width: Math.round(window.screen.width * devicePixelRatio), height: Math.round(window.screen.height * devicePixelRatio) };
    const headers = { "Content-Type": "application/json" };
    const begin = (): Promise<Response> => ask(`/slides/${slide.id}/warm`, { method: "POST", headers, body: JSON.stringify(screen) });
    const plan = (await (await begin()).json()) as Plan;
    if (!(await this.makesRoom(slide.cache, plan.bytes))) return false;
    const store = await WarmStore.of(slide.id, slide.key, true);
    if (store === undefined) return false;
    store.plan = { ...screen, tiles: plan.tiles.length };
    for (const names of requests(plan.tiles, (name) => store.done(name))) {
      await alone();
      if (!wanted()) return false;
      const { parts, missing } = await fetched(slide.id, names).catch(async (why: unknown) => {
        if (!(why instanceof Refused)) throw why;
        await begin(); // the view may only have grown old
        return fetched(slide.id, names);
      });
      await store.put(parts, missing);
      await store.writeIndex(plan.bytes, "");
    }
    // What is still being made comes at another time.
    const whole = plan.tiles.every((name) => store.done(name));
    await store.writeIndex(plan.bytes, whole ? plan.mark : "");
    return true;
  }

  private async makesRoom(name: string, bytes: number): Promise<boolean> {
    const states = await Promise.all((await kept()).map((one) => stateOf(one)));
    const there = states.filter((one) => one !== undefined) as Kept[];
    const already = there.find((one) => one.name === name)?.bytes ?? 0;
    const { quota } = await navigator.storage.estimate();
    const gone = goes(there, this.slides.map(({ cache }) => cache), name, Math.max(0, bytes - already), room(quota));
    await Promise.all((gone ?? []).map((one) => caches.delete(one)));
    return gone !== undefined;
  }

  /** How much of this page's case is here, whichever page fetches it. */
  private async tell(): Promise<void> {
    const { place } = this;
    if (place === null || place.dataset["warm"] === "") return;
    for (let before = ""; ; await pause(LOOK_MS)) {
      const states = await Promise.all(this.here.map((cache) => stateOf(cache)));
      const marks = new Map(this.slides.map(({ cache, mark }) => [cache, mark]));
      const share = states.reduce((sum, one) => {
        if (one === undefined) return sum;
        return sum + (one.mark !== "" && one.mark === marks.get(one.name) ? 1 : Math.min(0.99, one.bytes / Math.max(1, one.total)));
      }, 0) / Math.max(1, this.here.length);
      const percent = Math.floor(share * 100);
      const state = this.here.length === 0 ? "none" : percent === 100 ? "ready" : wanted() ? "going" : "spared";
      const said = `${state} ${percent}`;
      if (said === before) continue;
      before = said;
      place.dataset["state"] = state;
      place.hidden = state === "none";
      if (state === "none") place.replaceChildren();
      else place.replaceChildren(words(SAID[state], { percent }), ...(state === "spared" ? [" ", this.anyway()] : []));
    }
  }

  private anyway(): HTMLButtonElement {
    const button = make("button", { class: "plain small", text: words("warm-anyway") });
    button.type = "button";
    button.addEventListener("click", () => {
      sessionStorage.setItem(ANYWAY, "1");
      void navigator.locks.request(WARMING, () => this.round()).catch(() => undefined);
    });
    return button;
  }
}

if (keeps() && "locks" in navigator) void new Warming().run();
