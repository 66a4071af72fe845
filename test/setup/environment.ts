/**
 * Files of one worker share its process: what a test sets in the environment goes back key by key. Assigning `process.env` anew would
 * leave an ordinary object behind, which Node and child processes do not read.
 */
import { afterAll, afterEach } from "vitest";

/** Puts the environment back as it is now, after each test or after all of the suite or file in which it is called. */
export function keepEnvironment(after: "each" | "all"): void {
  const before = { ...process.env };
  const putBack = () => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  };
  if (after === "each") afterEach(putBack);
  else afterAll(putBack);
}
