/**
 * `npm run test:fast [-- --base REF] [arguments of vitest]`: what the change in hand can reach, nearest first, within about a minute on
 * two cores, and always the core of what must not break. The change: everything that differs from where this branch left its base
 * (origin/main, else main), committed or not, with new files. What did not fit is named and is `npm test`'s.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { knownDurations } from "./durations.ts";
import { reachedBy } from "./reach.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** Of the files chosen by reach, summed over both workers; starting up takes the rest of the minute. */
const budgetS = 60;
/** Loading what a file needs and nobody needed before. */
const loadS = 0.5;
const unknownS = 5;

/** Decisions, their safety, permissions of people, leases, and the rules of the source: some seconds together. */
const core = [
  "test/domain/safety.test.ts",
  "test/domain/decide.test.ts",
  "test/domain/total.test.ts",
  "test/domain/transcripts.test.ts",
  "test/domain/properties.test.ts",
  "test/commands/verbs.test.ts",
  "test/engine/engine.test.ts",
  "test/engine/runLease.test.ts",
  "test/engine/runJournal.test.ts",
  "test/recovery/restart.test.ts",
  "test/signals/verify.test.ts",
  "test/slack/app.test.ts",
  "test/tidy/tidy.test.ts",
];

function git(...args: string[]): string | undefined {
  const { status, stdout } = spawnSync("git", args, { cwd: root, encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

/** The commit that the change is compared with, and how to call it. */
function baseOf(asked: string | undefined): { readonly commit: string; readonly name: string } {
  const candidates = asked === undefined ? ["origin/main", "main", "HEAD"] : [asked];
  for (const name of candidates) {
    const commit = git("merge-base", "HEAD", name);
    if (commit !== undefined) return { commit, name };
  }
  throw new Error(
    `found no commit for ${candidates.join(", ")}; needed: a git repository with that name; give --base REF`,
  );
}

const args = process.argv.slice(2);
const at = args.indexOf("--base");
const asked = at < 0 ? undefined : args.splice(at, 2)[1];
const base = baseOf(asked);
const lines = (text: string | undefined) => (text ?? "").split("\n").filter((line) => line !== "");
const changed = [
  ...lines(git("diff", "--name-only", base.commit)),
  ...lines(git("ls-files", "--others", "--exclude-standard")),
];
const against = `${base.name} (${base.commit.slice(0, 10)})`;
console.log(
  changed.length === 0
    ? `Nothing differs from ${against}: only the safety core runs.`
    : `${changed.length} files differ from ${against}, uncommitted ones included.`,
);

const seconds = knownDurations();
const costOf = (path: string) => (seconds[path] ?? unknownS) + loadS;
const reached = changed.length === 0 ? [] : await reachedBy(root, changed);
const chosen = new Set(core);
const left: string[] = [];
let spentS = 0;
for (const { path, distance } of reached.toSorted(
  (a, b) => a.distance - b.distance || costOf(a.path) - costOf(b.path),
)) {
  if (chosen.has(path)) continue;
  // A test that was itself changed runs, however long it takes.
  if (distance > 0 && spentS + costOf(path) > budgetS) left.push(path);
  else {
    chosen.add(path);
    spentS += costOf(path);
  }
}
console.log(
  `${chosen.size} test files run: ${core.length} of the core, ${chosen.size - core.length} nearest to the change.`,
);
if (left.length > 0)
  console.log(`${left.length} more are within its reach and left to \`npm test\`:\n  ${left.join("\n  ")}`);

const vitest = ["node_modules/vitest/vitest.mjs", "run", ...chosen, ...args];
process.exitCode = spawnSync(process.execPath, vitest, { cwd: root, stdio: "inherit" }).status ?? 1;
