import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { dynaliteEngine } from "../../src/store/dynaliteEngine.ts";
import { dynaliteHandler } from "../../src/store/dynaliteHandler.ts";
import { dynamoBed } from "./dynamoBed.ts";
import { storeContract } from "./storeContract.ts";

let dir: string;
let handler: ReturnType<typeof dynaliteHandler>;
let tables = 0;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "medic-dynalite-"));
  handler = dynaliteHandler(dynaliteEngine({ path: dir }));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

storeContract("dynalite on disk", async () => dynamoBed(handler, `medic-${(tables += 1)}`));
