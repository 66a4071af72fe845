/**
 * Client tokens: the same wish twice is one thing made, for ever and from any worker, because the token follows from what is
 * wished alone. Pure arithmetic instead of node:crypto, which a plan may not import; tokens need to differ, not to be secret.
 */

/** EC2 takes at most 64 ASCII characters. */
export const tokenLengthMax = 64;

/** Parts are kept apart, so that ("ab", "c") and ("a", "bc") differ. A readable head, then 128 bits of hash. */
export function token(...parts: readonly string[]): string {
  const head = (parts[0] ?? "").replace(/[^A-Za-z0-9]+/g, "-").slice(0, 24);
  return `${head}-${fingerprint(parts)}`;
}

/** 32 hex digits that follow from the parts. */
export function fingerprint(parts: readonly string[]): string {
  const bytes = new TextEncoder().encode(parts.map((part) => `${part.length}:${part}`).join(""));
  return fnv128(bytes).toString(16).padStart(32, "0");
}

// FNV-1a with its published 128-bit basis and prime.
const basis = 0x6c62272e07bb014262b821756295c58dn;
const prime = 0x0000000001000000000000000000013bn;
const mask = (1n << 128n) - 1n;

function fnv128(bytes: Uint8Array): bigint {
  let hash = basis;
  for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * prime) & mask;
  return hash;
}
