/** Follows the pages of a list whose pages name the next one by a token. */

/** What is searched belongs to one service: more pages than this is a wrong tag, not a big fleet. */
const pagesMax = 20;

interface Page<Item> {
  readonly items: readonly Item[];
  /** Undefined or "": the last one. */
  readonly next: string | undefined;
}

/** `ask` gets `{ NextToken }` for every page but the first. What lies beyond `max` pages is not read. */
export async function inPages<Item>(
  ask: (page: { NextToken?: string }) => Promise<Page<Item>>,
  max: number = pagesMax,
): Promise<Item[]> {
  const found: Item[] = [];
  let token: string | undefined;
  for (let page = 0; page < max; page += 1) {
    const { items, next } = await ask(token ? { NextToken: token } : {});
    found.push(...items);
    token = next;
    if (!token) break;
  }
  return found;
}
