// Entry point of /login/phone/…: asks how it stands, writes the time that is left, and goes on when there is an answer.
// Without it the page reads itself again every three seconds.

import { wordsFrom } from "./words";
import telephoneEn from "../../locale/en/telephone.ftl";
import telephoneFr from "../../locale/fr/telephone.ftl";

interface Answer {
  /** Where to go now; absent while the telephone has not answered. */
  readonly go?: string;
  readonly left?: number;
  readonly silent?: boolean;
}

const EVERY = 2000;

const words = wordsFrom({ fr: [telephoneFr], en: [telephoneEn] });
const bar = document.querySelector<HTMLProgressElement>("#time");
const text = document.querySelector<HTMLElement>("#left");
const silent = document.querySelector<HTMLElement>("#silent");
let left = bar?.value ?? 0;

function show(): void {
  if (bar !== null) bar.value = left;
  if (text !== null) text.textContent = words("phone-left", { seconds: left });
}

async function ask(): Promise<void> {
  const response = await fetch(location.href, { headers: { Accept: "application/json" }, cache: "no-store" });
  const answer = (await response.json()) as Answer;
  if (answer.go !== undefined) {
    location.replace(answer.go);
    return;
  }
  left = answer.left ?? left;
  if (silent !== null) silent.hidden = answer.silent !== true;
  show();
  again();
}

const again = (): number =>
  window.setTimeout(() => {
    ask().catch(again); // the network may be away for a moment
  }, EVERY);

window.setInterval(() => {
  left = Math.max(0, left - 1);
  show();
}, 1000);
again();
