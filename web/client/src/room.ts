// Entry point of the room page: a slide looked at together.

import type { RoomConfig } from "./config";
import { readConfig } from "./dom";
import { Notices } from "./notices";
import { RoomPage } from "./room_page";
import { SessionLife } from "./session_life";
import { allowOnlyEmptyHtml } from "./trusted";
import { watermark } from "./watermark";
import { wordsFrom } from "./words";
import liveEn from "../../locale/en/live.ftl";
import refusalsEn from "../../locale/en/refusals.ftl";
import roomsEn from "../../locale/en/rooms.ftl";
import sessionEn from "../../locale/en/session.ftl";
import viewerEn from "../../locale/en/viewer.ftl";
import liveFr from "../../locale/fr/live.ftl";
import refusalsFr from "../../locale/fr/refusals.ftl";
import roomsFr from "../../locale/fr/rooms.ftl";
import sessionFr from "../../locale/fr/session.ftl";
import viewerFr from "../../locale/fr/viewer.ftl";

allowOnlyEmptyHtml();
const words = wordsFrom({
  fr: [viewerFr, roomsFr, refusalsFr, liveFr, sessionFr],
  en: [viewerEn, roomsEn, refusalsEn, liveEn, sessionEn],
});
const config = readConfig<RoomConfig>("viewer-config");
if (config.me.guest) watermark(config.me.name);
else new Notices(words).listen();
const life = new SessionLife(words, {
  place: () => location.pathname,
  // The room ended with the session, or its slide did: the page begins anew where it was.
  returned: () => location.reload(),
}).start();
await new RoomPage(config, words, life).start();
