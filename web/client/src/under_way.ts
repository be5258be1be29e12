// A button that was pressed says that its form is on its way: a file, a signature, a report take their time.

/** A form that is answered by a file leaves the page as it is. */
const AT_MOST_MS = 20_000;

export function showUnderWay(): void {
  document.addEventListener("submit", (event) => {
    const { submitter } = event;
    if (event.defaultPrevented || !(submitter instanceof HTMLElement)) return;
    submitter.dataset["underWay"] = "";
    window.setTimeout(() => delete submitter.dataset["underWay"], AT_MOST_MS);
  });
  // Back at a page that the browser kept, nothing is on its way.
  window.addEventListener("pageshow", () => {
    for (const one of document.querySelectorAll<HTMLElement>("[data-under-way]")) delete one.dataset["underWay"];
  });
}
