// Entry point of /display-check: a minute of faint letters, by keyboard or by hand; what the browser knows of the screen; and
// the result, told to the server. Nothing here keeps anybody from reading.

import { request } from "./activity";
import { find, make } from "./dom";
import { LETTERS, outcome, TRIAL_MS, trials, verdict, type Outcome, type Trial } from "./letters";
import { number, wordsFrom } from "./words";
import displayEn from "../../locale/en/display_check.ftl";
import displayFr from "../../locale/fr/display_check.ftl";

const words = wordsFrom({ fr: [displayFr], en: [displayEn] });
const canvas = find("#letter", HTMLCanvasElement);
const stage = find("#trial", HTMLElement);
const start = find("#start", HTMLButtonElement);
const result = find("#result", HTMLElement);
const progress = find("#progress", HTMLProgressElement);
const keys = find("#letters", HTMLElement);
const PAUSE_MS = 300;
const GREY = "#8c8c8c";
const DEVICE = "telepath-device";

/** What this browser is called here: by chance, and for nothing else. */
function device(): string {
  const kept = localStorage.getItem(DEVICE);
  if (kept !== null && /^[0-9a-z]{16}$/.test(kept)) return kept;
  const made = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => (byte % 36).toString(36)).join("");
  localStorage.setItem(DEVICE, made);
  return made;
}

const gamut = (): string => ["rec2020", "p3", "srgb"].find((one) => window.matchMedia(`(color-gamut: ${one})`).matches) ?? "";

function checklist(): void {
  const ratio = window.devicePixelRatio;
  const [width, height] = [Math.round(screen.width * ratio), Math.round(screen.height * ratio)];
  const lines: [string, "ok" | "warn"][] = [
    [words("display-check-size", { width, height }), width * height >= 2_000_000 ? "ok" : "warn"],
    [words("display-check-zoom", { zoom: number(ratio * 100, 0) }), Number.isInteger(ratio) ? "ok" : "warn"],
    [words(`display-check-gamut-${gamut() || "unknown"}`), gamut() === "" ? "warn" : "ok"],
    [words("display-check-depth", { bits: screen.colorDepth }), screen.colorDepth >= 24 ? "ok" : "warn"],
  ];
  find("#screen-facts", HTMLElement).replaceChildren(...lines.map(([text, kind]) => make("li", { class: kind, text })));
}

function draw(trial: Trial | undefined): void {
  const context = canvas.getContext("2d", { alpha: false })!;
  const colour = (rgb: readonly number[]): string => `rgb(${rgb.join(" ")})`;
  context.fillStyle = trial === undefined ? GREY : colour(trial.ground);
  context.fillRect(0, 0, canvas.width, canvas.height);
  if (trial === undefined) return;
  context.fillStyle = colour(trial.ink);
  context.font = `700 ${canvas.height * 0.7}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(trial.letter, canvas.width / 2, canvas.height / 2);
}

/** Gives the letter that was answered; empty: none was seen, or the time is over. */
function answered(): Promise<string> {
  return new Promise((resolve) => {
    const over = new AbortController();
    const done = (answer: string): void => {
      window.clearTimeout(timer);
      over.abort();
      resolve(answer);
    };
    const timer = window.setTimeout(() => done(""), TRIAL_MS);
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      const key = event.key.toUpperCase();
      if (!LETTERS.includes(key) && key !== " " && key !== "?") return;
      event.preventDefault();
      done(LETTERS.includes(key) ? key : "");
    }, { signal: over.signal });
    keys.addEventListener("click", (event) => {
      const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-letter]") : null;
      if (button !== null) done(button.dataset["letter"] ?? "");
    }, { signal: over.signal });
  });
}

async function run(): Promise<void> {
  start.hidden = true;
  result.hidden = true;
  stage.hidden = false;
  stage.focus();
  const all = trials(Math.random);
  const answers: string[] = [];
  progress.max = all.length;
  for (const [at, trial] of all.entries()) {
    progress.value = at;
    draw(undefined);
    await new Promise((resolve) => window.setTimeout(resolve, PAUSE_MS));
    draw(trial);
    stage.dataset["trial"] = String(at + 1);
    answers.push(await answered());
  }
  stage.hidden = true;
  delete stage.dataset["trial"];
  await tell(outcome(all, answers));
}

async function tell(found: Outcome): Promise<void> {
  const said = verdict(found);
  find("#verdict", HTMLElement).textContent = words(`display-check-${said}`, { seen: found.seen, trials: found.trials });
  find("#advice", HTMLElement).textContent = words(`display-check-${said}-advice`);
  result.className = `notice ${said === "good" ? "ok" : "warn"}`;
  result.hidden = false;
  start.textContent = words("display-check-again");
  start.hidden = false;
  const kept = find("#kept", HTMLElement);
  const body = JSON.stringify({
    device: device(),
    ...found,
    screen: { width: screen.width, height: screen.height, ratio: window.devicePixelRatio, depth: screen.colorDepth, gamut: gamut() },
  });
  try {
    const answer = await request("/display-check", { method: "POST", headers: { "content-type": "application/json" }, body });
    kept.textContent = words(answer.ok ? "display-check-kept" : "display-check-not-kept");
  } catch {
    kept.textContent = words("display-check-not-kept");
  }
  start.focus();
}

for (const letter of LETTERS) {
  const button = make("button", { class: "plain", text: letter });
  button.type = "button";
  button.dataset["letter"] = letter;
  keys.append(button);
}
const none = make("button", { class: "plain", text: words("display-check-nothing") });
none.type = "button";
none.dataset["letter"] = "";
keys.append(none);
checklist();
window.addEventListener("resize", checklist);
start.hidden = false;
start.addEventListener("click", () => void run());
