/** Did you mean …? The closest of the known words, when it is close enough to be meant. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const wanted = flat(word);
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const name of known) {
    const candidate = flat(name);
    const distance = candidate.startsWith(wanted) && wanted.length >= 2 ? 0.5 : edits(wanted, candidate);
    if (best === undefined || distance < best.distance) best = { name, distance };
  }
  // A third of the letters may be wrong: more than that is another word.
  return best !== undefined && best.distance <= Math.max(1, Math.floor(wanted.length / 3)) ? best.name : undefined;
}

/** `require_other` and `requireOther` differ in spelling only. */
const flat = (text: string) => text.toLowerCase().replace(/[-_\s]/g, "");

/** Insertions, deletions, replacements and swaps of neighbours that turn one word into the other. */
function edits(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min((rows[i - 1]?.[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (rows[i - 1]?.[j - 1] ?? 0) + same);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) least = Math.min(least, (rows[i - 2]?.[j - 2] ?? 0) + 1);
      row.push(least);
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 0;
}
