/** Names that repeat from run to run: prefix and a counter, or UUIDs drawn from a seeded generator. */
import type { Ids } from "../ports/ids.ts";
import type { SeededRandom } from "./seededRandom.ts";

export function seededIds(): Ids {
  const counts = new Map<string, number>();
  return {
    next: (prefix) => {
      const count = (counts.get(prefix) ?? 0) + 1;
      counts.set(prefix, count);
      return `${prefix}-${count}`;
    },
  };
}

/** Looks like a version 4 UUID, as SNS message ids do. */
export function seededUuid(random: SeededRandom): string {
  const hex = (digits: number): string => {
    let text = "";
    for (let i = 0; i < digits; i++) text += random.int(0, 15).toString(16);
    return text;
  };
  const variant = random.pick(["8", "9", "a", "b"]);
  return `${hex(8)}-${hex(4)}-4${hex(3)}-${variant}${hex(3)}-${hex(12)}`;
}
