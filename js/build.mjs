// Builds one ES module per widget into the package; with --check it only compares bytes.
import { readFile, readdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { transform, build } from "esbuild";

const LIMIT_BYTES = 25_000;
const here = new URL(".", import.meta.url);
const out = new URL("../ipyfootprint/widgets/static/", here);
const check = process.argv.includes("--check");

const minifiedCss = {
  name: "minified-css",
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), { loader: "css", minify: true });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

let bad = 0;
for (const file of (await readdir(new URL("src/", here))).filter((name) => name.endsWith(".ts")).sort()) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`src/${file}`, here))],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2021",
    charset: "utf8",
    legalComments: "none",
    write: false,
    plugins: [minifiedCss],
  });
  const [{ contents }] = outputFiles;
  const target = new URL(file.replace(/\.ts$/, ".js"), out);
  const before = await readFile(target).catch(() => null);
  const same = before !== null && Buffer.compare(before, Buffer.from(contents)) === 0;
  console.log(`${file}: ${contents.length} bytes${check ? (same ? ", as committed" : ", NOT as committed") : ""}`);
  if (contents.length > LIMIT_BYTES) {
    console.error(`${file} is over ${LIMIT_BYTES} bytes`);
    bad += 1;
  }
  if (check) bad += same ? 0 : 1;
  else await writeFile(target, contents);
}
process.exitCode = bad ? 1 : 0;
