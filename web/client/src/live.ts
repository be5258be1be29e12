// Entry point of every signed-in page: htmx for lists and forms, notices, drafts. The pages work without it.

import "./htmx_config";
import htmx from "htmx.org";
import { watchHtmx } from "./activity";
import { offerPermission } from "./browser_notices";
import { keepDrafts } from "./drafts";
import { offerInsertions } from "./insertions";
import { walkList } from "./list_keys";
import { Notices } from "./notices";
import { finishRenewal, SessionLife } from "./session_life";
import { showUnderWay } from "./under_way";
import { wordsFrom } from "./words";
import liveEn from "../../locale/en/live.ftl";
import sessionEn from "../../locale/en/session.ftl";
import liveFr from "../../locale/fr/live.ftl";
import sessionFr from "../../locale/fr/session.ftl";

interface Policy {
  createHTML(text: string): unknown;
}
interface Security {
  initSecurity(policy: Policy, run: unknown, runLater: unknown): void;
}

const refuse = (): never => {
  throw new Error("htmx runs no script from attributes here");
};

htmx.registerExtension("telepath", {
  init(api: Security) {
    // The one Trusted Types policy for htmx's swaps: pages are rendered and escaped by the server. Their scripts run when
    // the page is loaded, never again by a swap.
    const withoutScripts = (text: string): string => text.replace(/<script\b[\s\S]*?<\/script\s*>/gi, "");
    const rules = { createHTML: withoutScripts, createScript: refuse };
    const factory = (window as { trustedTypes?: { createPolicy(name: string, rules: object): Policy } }).trustedTypes;
    api.initSecurity(factory?.createPolicy("htmx", rules) ?? rules, refuse, refuse);
  },
  // What the reader unfolded stays so when news come.
  htmx_before_morph_attr(element: Element, { attrName, newValue }: { attrName: string; newValue: string | null }) {
    return !(element instanceof HTMLDetailsElement && attrName === "open" && newValue === null);
  },
});

// What was done is said once: not again when the page is reloaded, kept as a bookmark or sent to somebody.
const address = new URL(location.href);
if (address.searchParams.has("done")) {
  address.searchParams.delete("done");
  history.replaceState(history.state, "", address);
}

if (!finishRenewal()) {
  const words = wordsFrom({ fr: [liveFr, sessionFr], en: [liveEn, sessionEn] });
  watchHtmx();
  new Notices(words).listen();
  offerPermission(words);
  keepDrafts(words);
  offerInsertions();
  walkList();
  showUnderWay();
  new SessionLife(words).start();
}
