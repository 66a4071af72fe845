/** Which test files a changed file can reach: by import, by a path in their text that names it, or as part of a program they start. */
import { build } from "esbuild";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { entryPoints } from "./programs.ts";

/** A test file and how many steps of "uses" lead from it to a changed file; 0: it is itself changed. */
export interface Reached {
  readonly path: string;
  readonly distance: number;
}

export function testFiles(root: string): string[] {
  return readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
    .map((path) => `test/${path.replaceAll("\\", "/")}`)
    .filter((path) => path.endsWith(".test.ts"))
    .sort();
}

/** Paths from the root, with forward slashes. Nearest first. */
export async function reachedBy(root: string, changed: readonly string[]): Promise<Reached[]> {
  const tests = testFiles(root);
  const users = await usersOf(root, tests);
  // Who reads a folder reads what is in it.
  const distances = new Map([...changed, ...changed.map((path) => dirname(path))].map((path) => [path, 0]));
  const queue = [...distances.keys()];
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    const distance = (distances.get(path) ?? 0) + 1;
    for (const user of users.get(path) ?? []) {
      if (distances.has(user)) continue;
      distances.set(user, distance);
      queue.push(user);
    }
  }
  return tests
    .flatMap((path) => (distances.has(path) ? [{ path, distance: distances.get(path) ?? 0 }] : []))
    .sort((a, b) => a.distance - b.distance);
}

/** By used file: who uses it. */
async function usersOf(root: string, tests: readonly string[]): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const { metafile } = await build({
    absWorkingDir: root,
    // As one program: only what it imports is asked for, not what it would look like.
    stdin: {
      contents: [...tests, ...Object.values(entryPoints)]
        .map((path) => `import ${JSON.stringify(`./${path}`)};`)
        .join("\n"),
      resolveDir: root,
    },
    outdir: join(root, "node_modules/.cache/unwritten"),
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "node",
    packages: "external",
    logLevel: "error",
  });
  const users = new Map<string, Set<string>>();
  const uses = (user: string, used: string) => users.set(used, (users.get(used) ?? new Set()).add(user));
  for (const [path, { imports }] of Object.entries(metafile.inputs)) {
    for (const { path: imported, external } of imports) if (external !== true) uses(path, imported);
    if (path.startsWith("test/")) for (const named of namedIn(root, path)) uses(path, named);
  }
  for (const entryPoint of Object.values(entryPoints)) uses("test/setup/programPath.ts", entryPoint);
  uses("bin/ec2-medic.js", "src/cli.ts");
  uses("scripts/build.js", "scripts/bundle.js");
  return users;
}

/** Files and folders that a text names from the root, or from where it stands: what is read or started instead of imported. */
function namedIn(root: string, path: string): string[] {
  const text = readFileSync(join(root, path), "utf8");
  const names = [...text.matchAll(/["'`]((?:\.{1,2}\/)*[\w.-]+(?:\/[\w.-]+)*)\/?["'`]/g)].map(([, name = ""]) => name);
  const candidates = names.flatMap((name) => [posix.normalize(name), posix.join(dirname(path), name)]);
  return [...new Set(candidates)].filter(
    (name) => !name.startsWith("..") && /[./]/.test(name) && existsSync(join(root, name)),
  );
}
