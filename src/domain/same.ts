/** Two values of plain data that would be written as the same JSON. Parts that are one and the same object cost nothing. */
export function sameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (Array.isArray(left) || Array.isArray(right)) {
    return Array.isArray(left) && Array.isArray(right) && sameRow(left, right);
  }
  return sameObject(left as Readonly<Record<string, unknown>>, right as Readonly<Record<string, unknown>>);
}

function sameRow(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.length === right.length && left.every((each, index) => sameJson(each, right[index]));
}

/** JSON keeps the order of keys and leaves out what is undefined. */
function sameObject(left: Readonly<Record<string, unknown>>, right: Readonly<Record<string, unknown>>): boolean {
  const keys = Object.keys(right);
  let at = 0;
  for (const key of Object.keys(left)) {
    if (left[key] === undefined) continue;
    while (at < keys.length && right[keys[at] as string] === undefined) at += 1;
    if (keys[at] !== key || !sameJson(left[key], right[key])) return false;
    at += 1;
  }
  while (at < keys.length && right[keys[at] as string] === undefined) at += 1;
  return at === keys.length;
}
