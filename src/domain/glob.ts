/** Alarm names with `*` for any run of characters: what matches, and whether two of them can claim the same alarm. */

/** Does this exact name or glob match? Case counts, as in CloudWatch. Linear in practice: only the last `*` is retried. */
export function globMatches(glob: string, name: string): boolean {
  let g = 0;
  let n = 0;
  let star = -1;
  let retryAt = 0;
  while (n < name.length) {
    if (glob[g] === "*") {
      star = g;
      g += 1;
      retryAt = n;
    } else if (g < glob.length && glob[g] === name[n]) {
      g += 1;
      n += 1;
    } else if (star >= 0) {
      g = star + 1;
      retryAt += 1;
      n = retryAt;
    } else return false;
  }
  while (glob[g] === "*") g += 1;
  return g === glob.length;
}

/** Is there any name that both match? Decided exactly; `a-*` and `*-b` overlap because `a-b` exists. */
export function globsOverlap(a: string, b: string): boolean {
  if (!a.includes("*")) return globMatches(b, a);
  if (!b.includes("*")) return globMatches(a, b);
  // reachable[j]: a[0..i] and b[0..j] can have produced the same text.
  let reachable = Array.from({ length: b.length + 1 }, (_, j) => /^\**$/.test(b.slice(0, j)));
  for (const char of a) {
    const next: boolean[] = [char === "*" && reachable[0] === true];
    for (let j = 1; j <= b.length; j += 1) {
      const other = b[j - 1];
      // A star on either side takes the other side's next character or ends; two plain characters must be equal.
      next[j] =
        char === "*" || other === "*"
          ? reachable[j] === true || next[j - 1] === true
          : char === other && reachable[j - 1] === true;
    }
    reachable = next;
  }
  return reachable[b.length] === true;
}

/** Does `wide` match every name that `narrow` matches? A `*` in `narrow` counts as a character that only `*` can match. */
export function globContains(wide: string, narrow: string): boolean {
  return globMatches(wide, narrow.replaceAll("*", "\u0000"));
}

/** The part before the first `*`: two globs can overlap only if one's part begins with the other's. */
export function literalPrefix(glob: string): string {
  const star = glob.indexOf("*");
  return star < 0 ? glob : glob.slice(0, star);
}
