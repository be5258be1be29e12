// htmx reads its configuration from the page at the moment it is imported: this module comes before it.
// Only our extension; no injected style; no attributes under another prefix; back and forward load the page.

const meta = document.createElement("meta");
meta.name = "htmx-config";
meta.content = JSON.stringify({
  extensions: "telepath",
  includeIndicatorCSS: false,
  prefix: "",
  history: "reload",
  defaultTimeout: 30_000,
});
document.head.append(meta);
