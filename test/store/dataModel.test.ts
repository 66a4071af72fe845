/** docs/data-model.md, the models and what the engine writes say the same. A new collection makes this red until all three know it. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { headOf, kindOf, recordKindNames, recordKinds } from "../../src/domain/recordKinds.ts";
import { canExpire } from "../../src/domain/recordLife.ts";
import { attributesOf } from "../../src/store/itemModels.ts";
import { collectionsIn } from "./writtenCollections.ts";

/** Everything that gets `Records` from somebody: all of src but the stores themselves, and the verbs. */
const sources = new Map(
  ["src", "commands"].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !/^(store|memory)\//.test(name))
      .map((name) => [`${folder}/${name}`, readFileSync(`${folder}/${name}`, "utf8")] as const),
  ),
);
const { found, unknown } = collectionsIn(sources);
const heads = [...new Set(found.map(({ head }) => head))].sort();
const known = recordKindNames.flatMap((name): readonly string[] => recordKinds[name].collections).sort();

const page = readFileSync("docs/data-model.md", "utf8");
const rows = page
  .slice(page.indexOf("## Records"), page.indexOf("## Leases"))
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .map(([, name = "", readable = "", bytes = "", writers = "", readers = "", kept = ""]) => ({
    head: headOf(quoted(name)[0] ?? ""),
    readable: quoted(readable),
    bytes,
    writers: quoted(writers),
    readers: quoted(readers),
    kept,
  }));

function quoted(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text);
}

describe("every collection that the engine names", () => {
  it("can be followed from where it is used to its name", () => {
    expect(unknown).toEqual([]);
    expect(heads.length).toBeGreaterThan(20);
  });

  it("has a kind of its own to be read by, and no kind waits for one that nobody writes", () => {
    expect(heads.filter((head) => kindOf(head) === "other")).toEqual([]);
    expect(known).toEqual(heads);
  });

  it("has one row in docs/data-model.md", () => {
    expect(rows.map(({ head }) => head).sort()).toEqual(heads);
  });

  it("would be found if it were new: as a literal, a template, a constant and a function of another file", () => {
    const planted = collectionsIn(
      new Map([
        ["a.ts", 'const key = { collection: "one", id: "1" }; const t = { collection: `two/${x}`, id };'],
        [
          "b.ts",
          'const collection = "three"; await parts.records.list<X>(collection, { limit }); f({ collection, id });',
        ],
        ["c.ts", "export function fourOf(x: string): string { return `four/${x}`; }"],
        ["d.ts", "records.list(fourOf(name), { limit: 1 }); records.list(odd().very, {}); g({ collection: odd() });"],
        [
          "e.ts",
          'import { elsewhere } from "./far.ts"; records.list(elsewhere, {}); (given: string) => records.list(given, {});',
        ],
      ]),
    );
    expect([...new Set(planted.found.map(({ head }) => head))]).toEqual(["one", "two", "three", "four"]);
    expect(planted.unknown).toHaveLength(3);
  });
});

describe("docs/data-model.md", () => {
  it.each(rows)("tells of $head what its model has, who touches it and how long it is kept", (row) => {
    expect(row.readable).toEqual(Object.keys(recordKinds[kindOf(row.head)].columns));
    expect(row.bytes).toMatch(/^(–|[\d,]+ \/ [\d,]+)$/);
    for (const file of [...row.writers, ...row.readers]) expect(existsSync(`src/engine/${file}`), file).toBe(true);
    const naming = found.filter(({ head }) => head === row.head).map(({ file }) => file.replace("src/engine/", ""));
    expect(
      row.writers.filter((file) => naming.includes(file)),
      `${row.head} is named in ${naming.join()}`,
    ).not.toEqual([]);
    expect(/\d+ (days|hours) after/.test(row.kept), row.kept).toBe(canExpire(row.head));
  });

  it("names every attribute of a case and of a lease", () => {
    const words = new Set(quoted(page));
    for (const kind of ["case", "lease"] as const)
      expect(attributesOf(kind).filter((name) => name !== "pk" && name !== "sk" && !words.has(name))).toEqual([]);
  });
});
