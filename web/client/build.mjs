// Builds the bundles and the style sheets into web/static, under names that carry a hash of their content, and writes
// manifest.json: {"viewer.js": "viewer-3F5K.js", …}. The pages' `static("viewer.js")` reads it.
import { copyFile, mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const output = join(here, "..", "static");
// Built beside its place and moved there at the end: a page served meanwhile never sees half a build.
const staging = join(here, "node_modules", `.telepath-${process.pid}`);

const scripts = ["opening", "viewer", "room", "live", "check", "telephone", "upload", "warm", "lut_worker", "display_check"].map((name) => join(here, "src", `${name}.ts`));
const styles = (await readdir(join(here, "styles")))
  .filter((name) => name.endsWith(".css") && !name.startsWith("_"))
  .map((name) => join(here, "styles", name));

await rm(staging, { recursive: true, force: true });
await mkdir(staging, { recursive: true });
const result = await build({
  entryPoints: [...scripts, ...styles],
  outdir: staging,
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  sourcemap: false,
  legalComments: "linked",
  charset: "utf8",
  metafile: true,
  loader: { ".ftl": "text", ".woff2": "file", ".svg": "file" },
  logLevel: "warning",
});

const manifest = {};
for (const [path, made] of Object.entries(result.metafile.outputs)) {
  if (made.entryPoint === undefined) continue;
  const extension = extname(path);
  manifest[basename(made.entryPoint, extname(made.entryPoint)) + extension] = basename(path);
}
// Pictures and fonts that pages name themselves, not a style sheet.
const assets = join(here, "assets");
if (existsSync(assets)) {
  for (const name of await readdir(assets)) {
    await copyFile(join(assets, name), join(staging, name));
    manifest[name] = name;
  }
}
await writeFile(join(staging, "manifest.json"), JSON.stringify(manifest, Object.keys(manifest).sort(), 1) + "\n");
// What was built in, for the page that names every component.
const versions = {};
const own = JSON.parse(await readFile(join(here, "package.json"), "utf8"));
for (const name of Object.keys(own.dependencies)) {
  versions[name] = JSON.parse(await readFile(join(here, "node_modules", name, "package.json"), "utf8")).version;
}
await writeFile(join(staging, "versions.json"), JSON.stringify(versions, null, 1) + "\n");
// Compressed once, here: the node sends the copy that a browser accepts (web/built_files.py).
for (const name of await readdir(staging)) {
  if (!/\.(js|css|svg)$/.test(name)) continue;
  const bytes = await readFile(join(staging, name));
  const best = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } };
  for (const [ending, made] of [[".br", brotliCompressSync(bytes, best)], [".gz", gzipSync(bytes, { level: 9 })]]) {
    if (bytes.length > 1024 && made.length < bytes.length * 0.9) await writeFile(join(staging, name + ending), made);
  }
}
await rm(output, { recursive: true, force: true });
await rename(staging, output);
console.log(Object.values(manifest).join("\n"));
