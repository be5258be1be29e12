// The browser's own notifications, on pages that are open: that something came, and nothing of it. Never asked for by itself:
// a button of /notices/preferences does.

import type { Notice } from "./notices";
import type { Words } from "./words";

/** Whether the browser itself shows that a notice came: wanted, permitted, and nobody looks at this page. */
export function shown(notice: Pick<Notice, "browser">, permission: NotificationPermission, looking: boolean): boolean {
  return notice.browser && permission === "granted" && !looking;
}

export function showInBrowser(notice: Notice, words: Words): void {
  if (!("Notification" in window)) return;
  const looking = document.visibilityState === "visible" && document.hasFocus();
  if (!shown(notice, Notification.permission, looking)) return;
  try {
    // Of several open pages the last one's stays: the tag is the notice's.
    const told = new Notification("telepath", { body: words("live-browser-came"), tag: notice.id, lang: document.documentElement.lang });
    told.addEventListener("click", () => {
      told.close();
      // Beside this page: a draft or a session may be open here. A path of our own, whatever the event says.
      window.open(new URL(notice.path, location.origin).pathname, "_blank", "noopener");
    });
  } catch {
    // Browsers of telephones know Notification, and refuse it to pages.
  }
}

/** Says on /notices/preferences how it stands, with a button while nothing was answered. */
export function offerPermission(words: Words): void {
  const place = document.querySelector("#browser-notices");
  const state = place?.querySelector(".browser-state");
  const button = place?.querySelector("button");
  if (!place || !state || !button) return;
  const say = (): void => {
    const permission = "Notification" in window ? Notification.permission : "none";
    const texts = { granted: "live-browser-granted", denied: "live-browser-denied", default: "live-browser-default", none: "live-browser-none" };
    state.textContent = words(texts[permission]);
    if (button.parentElement !== null) button.parentElement.hidden = permission !== "default";
  };
  button.addEventListener("click", () => void Notification.requestPermission().then(say));
  say();
}
