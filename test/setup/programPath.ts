import { join } from "node:path";
import { inject } from "vitest";
import type { ProgramName } from "./programs.ts";

/** The bundle of this run; an argument of `node`. */
export function programPath(name: ProgramName): string {
  return join(inject("programs"), "bin", `${name}.js`);
}
