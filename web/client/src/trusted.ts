// Trusted Types on the viewer and room pages. OpenSeadragon empties elements by innerHTML = "": the default policy lets
// exactly the empty string through; anything else throws in the browser that enforces it.

interface PolicyFactory {
  createPolicy(name: string, rules: { createHTML(text: string): string | null }): unknown;
}

export function allowOnlyEmptyHtml(): void {
  const factory = (window as { trustedTypes?: PolicyFactory }).trustedTypes;
  factory?.createPolicy("default", { createHTML: (text) => (text === "" ? "" : null) });
}
