// The vectors that the Python tests read too.

import { readFileSync } from "node:fs";

export const vectors = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../../../tests/vectors/${name}.json`, import.meta.url), "utf8")) as T;
