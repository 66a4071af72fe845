// How the program is bundled; the bench bundles what it measures in the same way.
import { build } from "esbuild";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/**
 * The AWS clients are taken into the bundle, where what is never called falls away: @aws-sdk/client-ec2 alone, loaded whole, costs
 * 90 MB of memory and most of a second at each start. DynamoDB's stays outside, because dynamoose loads it there anyway.
 */
const bundled = /^@aws-sdk\/client-(?!dynamodb$)/;

const packages = {
  name: "packages",
  setup: ({ onResolve }) => {
    onResolve({ filter: /^[^./]/ }, ({ path, importer, kind }) => {
      const isOurs = !importer.includes("/node_modules/");
      return kind !== "entry-point" && isOurs && !bundled.test(path) ? { path, external: true } : undefined;
    });
  },
};

/** `entryPoints` from the root; each dynamic import is a chunk of its own, loaded when it is called. */
export async function bundle({ root, entryPoints, outdir }) {
  const built = await build({
    absWorkingDir: root,
    entryPoints,
    outdir,
    bundle: true,
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    format: "esm",
    platform: "node",
    target: "node20",
    // The packages' ES modules: only from these can what is unused fall away.
    mainFields: ["module", "main"],
    plugins: [packages],
    // Some of what is taken in is CommonJS and asks for Node's modules by `require`.
    banner: {
      js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);',
    },
    sourcemap: true,
    metafile: true,
    logLevel: "warning",
    write: false,
  });
  // A program that starts meanwhile sees each file as it was or as it is, never half of it; and the chunks before what names them.
  const place = ({ path }) => (path.includes("chunks") ? 0 : 1);
  for (const { path, contents } of built.outputFiles.sort((a, b) => place(a) - place(b))) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.${process.pid}.new`, contents);
    renameSync(`${path}.${process.pid}.new`, path);
  }
  return built;
}
