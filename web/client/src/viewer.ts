// Entry point of the viewer page: one slide, alone.

import { Bench } from "./bench";
import type { ViewerConfig } from "./config";
import { readConfig } from "./dom";
import { whileInvited } from "./invitation";
import { KeyRegions } from "./key_regions";
import { Notices } from "./notices";
import { Pins } from "./pins";
import { Remark } from "./remark";
import { SessionLife } from "./session_life";
import { allowOnlyEmptyHtml } from "./trusted";
import { watermark } from "./watermark";
import { wordsFrom } from "./words";
import liveEn from "../../locale/en/live.ftl";
import sessionEn from "../../locale/en/session.ftl";
import viewerEn from "../../locale/en/viewer.ftl";
import liveFr from "../../locale/fr/live.ftl";
import sessionFr from "../../locale/fr/session.ftl";
import viewerFr from "../../locale/fr/viewer.ftl";

allowOnlyEmptyHtml();
const words = wordsFrom({ fr: [viewerFr, liveFr, sessionFr], en: [viewerEn, liveEn, sessionEn] });
const config = readConfig<ViewerConfig>("viewer-config");
const bench: Bench = new Bench(config.slide, words, {
  room: false,
  guest: config.me.guest,
  act: (action) => {
    if (action === "pin" && config.may_mark) pins.begin();
    else if (action === "pins") pins.toggle();
    else if (action === "keep" && config.may_mark && !config.me.guest) regions.begin();
    else if (action === "regions") regions.toggle();
    else if (action === "discuss") remark?.begin();
  },
});
const pins = new Pins(bench, words);
const regions = new KeyRegions(bench, words, config.consult);
const remark = config.may_discuss
  ? new Remark(bench, words, config.consult === "" ? `/cases/${config.case.id}/lines` : `/consults/${config.consult}/lines`)
  : undefined;
if (config.me.guest) {
  watermark(config.me.name);
  whileInvited();
} else new Notices(words).listen();
const place = (): string => {
  const drawn = bench.element.dataset["view"] !== undefined;
  return `${location.pathname}${location.search}${drawn ? `#${bench.fragment()}` : location.hash}`;
};
new SessionLife(words, {
  place,
  // The slide was closed with the session: the page begins anew at the field that it showed.
  returned: () => {
    history.replaceState(null, "", place());
    location.reload();
  },
}).start();
// The room opens on the field that is being looked at: a fragment survives the redirect to its page.
document.querySelector<HTMLFormElement>('form[action="/rooms"]')?.addEventListener("submit", (event) => {
  (event.currentTarget as HTMLFormElement).action = `/rooms#${bench.fragment()}`;
});
await bench.start();
await Promise.all([pins.read(), regions.read()]);
