import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { globContains, globMatches, globsOverlap } from "../../src/domain/glob.ts";

/** Two letters and stars make overlaps likely; all names up to six letters are few enough to try. */
const globs = fc.string({ unit: fc.constantFrom("a", "b", "*"), maxLength: 5 });
const names = ["", "a", "b"];
for (let length = 2, last = ["a", "b"]; length <= 8; length += 1) {
  last = last.flatMap((name) => [`${name}a`, `${name}b`]);
  names.push(...last);
}

describe("alarm names with stars", () => {
  test("a glob matches what the same regular expression matches", () => {
    fc.assert(
      fc.property(globs, fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 8 }), (glob, name) => {
        expect(globMatches(glob, name)).toBe(new RegExp(`^${glob.replaceAll("*", ".*")}$`).test(name));
      }),
    );
  });

  test("two globs overlap exactly when some name matches both", () => {
    fc.assert(
      fc.property(globs, globs, (a, b) => {
        const some = names.some((name) => globMatches(a, name) && globMatches(b, name));
        expect(globsOverlap(a, b)).toBe(some);
        expect(globsOverlap(b, a)).toBe(some);
      }),
      { numRuns: 300 },
    );
  });

  test("a glob that contains another matches everything that the other matches", () => {
    fc.assert(
      fc.property(globs, globs, (wide, narrow) => {
        fc.pre(globContains(wide, narrow));
        expect(names.every((name) => !globMatches(narrow, name) || globMatches(wide, name))).toBe(true);
      }),
    );
  });
});
