// Entry point of /check: what this workstation and its network can do. Each line has an id and gets a text and a class:
// ok, warn or bad.

import { graphics } from "./graphics";
import { language, number, wordsFrom } from "./words";
import liveEn from "../../locale/en/live.ftl";
import liveFr from "../../locale/fr/live.ftl";
import { worst, type Verdict } from "./verdict";

const words = wordsFrom({ fr: [liveFr], en: [liveEn] });

const NAMES = ["bandwidth", "websocket", "screen", "gpu", "clock"];
const found = new Map<string, Verdict>();
/** What only the IT department reads. */
const technical: string[] = [];

function tell(id: string, text: string, verdict?: Verdict): void {
  if (verdict !== undefined) found.set(id, verdict);
  const line = document.querySelector<HTMLElement>(`#check-${id}`);
  if (line === null) return;
  line.textContent = text;
  line.classList.remove("ok", "warn", "bad");
  if (verdict !== undefined) line.classList.add(verdict);
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

async function payload(size: number): Promise<number> {
  const start = performance.now();
  const answer = await fetch(`/check/payload?size=${size}`, { cache: "no-store", credentials: "same-origin" });
  if (!answer.ok) throw new Error(String(answer.status));
  await answer.arrayBuffer();
  return performance.now() - start;
}

async function bandwidth(): Promise<void> {
  try {
    const trips: number[] = [];
    for (let i = 0; i < 5; i++) trips.push(await payload(1));
    const trip = median(trips);
    // Growing pieces, until one takes long enough to measure: a thin link is not kept busy for a minute.
    let megabits = 0;
    for (const size of [64_000, 512_000, 2_000_000]) {
      const took = await payload(size);
      megabits = (size * 8) / Math.max(1, took - trip) / 1000;
      if (took > 1200) break;
    }
    const values = { megabits: number(megabits, megabits < 10 ? 1 : 0), milliseconds: Math.round(trip) };
    const slow = megabits < 4 || trip > 400;
    tell("bandwidth", words(slow ? "live-check-bandwidth-slow" : "live-check-bandwidth", values), slow ? "warn" : "ok");
  } catch {
    tell("bandwidth", words("live-check-failed"), "bad");
  }
}

function webSocket(): Promise<void> {
  return new Promise((resolve) => {
    const address = new URL("/check/socket", location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = new WebSocket(address);
    const token = crypto.randomUUID();
    let asked = 0;
    const end = (text: string, verdict: Verdict): void => {
      window.clearTimeout(timer);
      socket.close();
      tell("websocket", text, verdict);
      resolve();
    };
    const blocked = (): void => end(words("live-check-websocket-blocked"), "warn");
    const timer = window.setTimeout(blocked, 8000);
    socket.addEventListener("open", () => {
      asked = performance.now();
      socket.send(token);
    });
    socket.addEventListener("message", (event) => {
      const milliseconds = Math.round(performance.now() - asked);
      // Some proxies let the handshake through and change or hold what follows.
      if (event.data === token) end(words("live-check-websocket", { milliseconds }), "ok");
      else blocked();
    });
    socket.addEventListener("error", blocked);
  });
}

function screenSize(): void {
  const ratio = window.devicePixelRatio;
  const width = Math.round(screen.width * ratio);
  const height = Math.round(screen.height * ratio);
  const gamut = ["rec2020", "p3", "srgb"].find((name) => window.matchMedia(`(color-gamut: ${name})`).matches) ?? "narrow";
  const small = width * height < 2_000_000;
  technical.push(words("live-check-screen-details", { ratio: number(ratio, 2), gamut: words(`live-check-gamut-${gamut}`) }));
  const values = { width, height };
  tell("screen", words(small ? "live-check-screen-small" : "live-check-screen", values), small ? "warn" : "ok");
}

function gpu(): void {
  const { renderer, software } = graphics();
  technical.push(words("live-check-gpu-details", { renderer: renderer || words("live-check-gpu-none") }));
  tell("gpu", words(software ? "live-check-gpu-software" : "live-check-gpu"), software ? "warn" : "ok");
}

async function clock(): Promise<void> {
  try {
    const before = Date.now();
    const answer = await fetch("/check/payload?size=1", { cache: "no-store", credentials: "same-origin" });
    const after = Date.now();
    const header = answer.headers.get("date");
    if (header === null) throw new Error("no Date");
    // The header counts whole seconds: its middle is half a second later.
    const difference = Math.abs((before + after) / 2 - (Date.parse(header) + 500)) / 1000;
    const off = difference > 5;
    tell("clock", words(off ? "live-check-clock-off" : "live-check-clock", { seconds: number(Math.max(1, difference), 0) }), off ? "warn" : "ok");
  } catch {
    tell("clock", words("live-check-failed"), "bad");
  }
}

const part = (id: string): HTMLElement => {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`no #${id}`);
  return element;
};
const titleOf = (id: string): string => part(`check-${id}-title`).textContent;

/** The verdict over all, and the same as a text for the IT department. */
function conclude(): void {
  const verdict = worst(NAMES.map((name) => found.get(name) ?? "bad"));
  const weak = NAMES.filter((name) => found.get(name) !== "ok").map(titleOf);
  const list = new Intl.ListFormat(language(), { type: "conjunction" }).format(weak);
  part("check-verdict").textContent = words(`live-check-overall-${verdict}`, { weak: list });
  part("check-overall").classList.add(verdict === "ok" ? "good" : verdict);
  const lines = NAMES.map((name) => words("live-check-line", { name: titleOf(name), result: part(`check-${name}`).textContent }));
  const report = [`telepath · ${location.origin} · ${new Date().toISOString()}`, ...lines, ...technical, navigator.userAgent];
  part("check-report").textContent = report.join("\n");
  part("check-details").hidden = false;
  const copy = part("check-copy") as HTMLButtonElement;
  copy.disabled = false;
  copy.addEventListener("click", () => void hand(report.join("\n")));
}

async function hand(report: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(report);
    part("check-copied").textContent = words("live-check-copied");
  } catch {
    // Some browsers of hospitals forbid it: then the text is shown, to be selected.
    (part("check-details") as HTMLDetailsElement).open = true;
    part("check-report").focus();
  }
}

part("check-overall").hidden = false;
part("check-verdict").textContent = words("live-check-running");
for (const name of NAMES) tell(name, words("live-check-running"));
screenSize();
gpu();
await clock();
await webSocket();
await bandwidth();
conclude();
