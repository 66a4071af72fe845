/** Tokens: one wish, one token; two wishes, two tokens; always something that EC2 takes. */
import { describe, expect, test } from "vitest";
import { fingerprint, token, tokenLengthMax } from "../../src/recovery/token.ts";

describe("token", () => {
  test("is the published FNV-1a 128 of its parts, whatever machine computes it", () => {
    // The basis itself is the hash of nothing; "3:foo" was computed with an independent implementation.
    expect(fingerprint([])).toBe("6c62272e07bb014262b821756295c58d");
    expect(fingerprint(["foo"])).toBe("270e61a71183d94f7080c3f5ad9ef440");
    expect(token("shop/7", "launch", "0")).toBe(token("shop/7", "launch", "0"));
  });

  test("fits EC2, however long and foreign its parts are", () => {
    const long = token(`größe/${"x".repeat(400)}`, "ein Schritt mit Ü", "subnet-1/t3.micro");
    expect(long.length).toBeLessThanOrEqual(tokenLengthMax);
    expect(long).toMatch(/^[\x21-\x7e]+$/);
  });

  test("a moved border between two parts is another wish", () => {
    expect(token("ab", "c")).not.toBe(token("a", "bc"));
    expect(token("a", "b")).not.toBe(token("a", "b", ""));
  });

  test("50 000 wishes that differ in one number or letter give 50 000 tokens", () => {
    const seen = new Set<string>();
    for (let run = 0; run < 1000; run += 1) {
      for (let candidate = 0; candidate < 10; candidate += 1) {
        for (const type of ["t3.micro", "t3.small", "t4g.micro", "m5.large", "m6.large"]) {
          seen.add(token(`shop/${run}`, "launch", `${candidate}/${type}`));
        }
      }
    }
    expect(seen.size).toBe(50_000);
  });
});
