/** "Did you mean …?": the known word that needs the fewest edits, when it is close enough to be meant. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const flat = (text: string) => text.toLowerCase().replace(/[-_\s]/g, "");
  let best: string | undefined;
  // A third of the letters may be wrong; beyond that a suggestion misleads more than it helps.
  let bestEdits = Math.floor(flat(word).length / 3) + 1;
  for (const candidate of known) {
    const edits = editDistance(flat(word), flat(candidate));
    if (edits < bestEdits) [best, bestEdits] = [candidate, edits];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
