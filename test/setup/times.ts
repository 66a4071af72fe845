/**
 * How many random histories, seeds and texts a test tries. `npm run test:all` sets TEST_TIMES and multiplies them; what is asserted
 * of each is the same.
 */
const factor = Number(process.env["TEST_TIMES"] ?? "1");
if (!Number.isInteger(factor) || factor < 1)
  throw new Error(
    `TEST_TIMES is ${process.env["TEST_TIMES"]}; needed: a whole number from 1; leave it out for the usual tests`,
  );

export const isThorough = factor > 1;

export function times(usual: number): number {
  return usual * factor;
}
