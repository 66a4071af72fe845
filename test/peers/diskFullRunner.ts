/**
 * Plays the story of diskFullWrites.ts on a disk that is full from the Nth call that takes space, for each N until the story no longer
 * reaches it, and says one JSON line for each. Run under the fault layer by diskFull.test.ts: its own disk is what the layer refuses.
 *
 * After every write that was refused: the store holds exactly what was answered; a copy of its folder, as a killed process would leave
 * it, opens to the same; the disk is freed, it goes on, is filled again, restarted full, and freed again.
 */
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { MedicError } from "../../src/domain/errors.ts";
import type { Log } from "../../src/ports/log.ts";
import { StoreUncertain, StoreUnavailable, type Store } from "../../src/ports/store.ts";
import { embeddedStore } from "../../src/store/embeddedStore.ts";
import { heldBy, story, type Held, type Step } from "./diskFullWrites.ts";
import { openControl } from "./faultControl.ts";

const [, , folder, outside, controlPath] = process.argv;
if (folder === undefined || outside === undefined || controlPath === undefined)
  throw new Error("which folders and control?");
const control = openControl(controlPath);
/** Twice as many as the longest story needs: a story that never ends is a fault of the test. */
const pointsMax = 600;

export interface PointSaid {
  readonly point: number;
  /** Calls of the layer. */
  readonly refused: number;
  /** Writes of the story that were answered with an error. */
  readonly errors: number;
  readonly toldFull: boolean;
  readonly faults: readonly string[];
}

for (let point = 1; point <= pointsMax; point += 1) {
  const said = await played(point);
  process.stdout.write(`${JSON.stringify(said)}\n`);
  if (said.refused === 0) break;
}

async function played(point: number): Promise<PointSaid> {
  const dir = join(folder ?? "", `point-${point}`);
  const faults: string[] = [];
  const told: string[] = [];
  const hear = (code: string, fields?: object) => void told.push(`${code} ${JSON.stringify(fields)}`);
  const stage: Stage = {
    dir,
    faults,
    log: { info: hear, warn: hear, error: hear },
    held: {},
    store: undefined,
    errors: 0,
  };
  mkdirSync(dir, { mode: 0o700 });
  control.set({ spaceFrom: point, spaceCalls: 0, refused: 0, partial: point % 2 });
  stage.store = await opened(stage, "at the start");
  for (const [at, step] of story.entries()) {
    // Full again at a later step, and restarted there.
    const isAgain = control.get("refused") > 0 && at % 4 === point % 4;
    if (isAgain) control.set({ spaceFrom: 1 });
    await taken(stage, step);
    if (isAgain) stage.store = await reopened(stage, step.name);
  }
  control.set({ spaceFrom: 0 });
  stage.store = await reopened(stage, "at the end");
  await stage.store.close();
  rmSync(dir, { recursive: true, force: true });
  const toldFull = told.some((line) => /ENOSPC|disk is full/.test(line));
  return { point, refused: control.get("refused"), errors: stage.errors, toldFull, faults };
}

interface Stage {
  readonly dir: string;
  readonly faults: string[];
  readonly log: Log;
  /** What was answered. */
  held: Held;
  store: Store | undefined;
  errors: number;
}

/** A disk that is full may keep the store from opening, in words; free again, it opens by itself. */
async function opened({ dir, faults, log }: Stage, when: string): Promise<Store> {
  try {
    return await embeddedStore({ dir, log });
  } catch (error) {
    if (!(error instanceof MedicError) || error.code !== "data-unusable")
      faults.push(`${when}: refused as ${String(error)}`);
    log.error("not-opened", { message: String(error) });
    control.set({ spaceFrom: 0 });
    return embeddedStore({ dir, log });
  }
}

async function reopened(stage: Stage, when: string): Promise<Store> {
  await stage.store?.close();
  const store = await opened(stage, `${when}, restarted`);
  await compare(stage, store, `${when}, restarted`);
  return store;
}

/** Asked on the disk as it is, once more where it is refused, and at last on a free one, where it must be taken. */
async function taken(stage: Stage, step: Step): Promise<void> {
  if (await asked(stage, step, "full")) return;
  await compare(stage, stage.store, `${step.name}: refused`);
  await compareCopy(stage, `${step.name}: refused and killed`);
  if (await asked(stage, step, "still full")) return;
  control.set({ spaceFrom: 0 });
  if (!(await asked(stage, step, "freed"))) stage.faults.push(`${step.name}: refused although the disk is free`);
  await compare(stage, stage.store, `${step.name}: freed`);
}

/** True: it is done and must stay. */
async function asked(stage: Stage, step: Step, when: string): Promise<boolean> {
  const { store, faults } = stage;
  if (!store) throw new Error("no store is open");
  try {
    if (!(await step.write(store))) faults.push(`${step.name}, ${when}: its condition was not met`);
  } catch (error) {
    stage.errors += 1;
    if (error instanceof StoreUnavailable) return false;
    if (!(error instanceof StoreUncertain)) {
      faults.push(`${step.name}, ${when}: threw ${String(error)}`);
      return false;
    }
    if ((await heldBy(store))[step.key] !== step.after) return false;
  }
  const { [step.key]: _former, ...others } = stage.held;
  stage.held = step.after === undefined ? others : { ...others, [step.key]: step.after };
  return true;
}

async function compare({ faults, held }: Stage, store: Store | undefined, when: string): Promise<void> {
  try {
    const found = store ? await heldBy(store) : {};
    for (const key of new Set([...Object.keys(found), ...Object.keys(held)]))
      if (found[key] !== held[key])
        faults.push(`${when}: ${key} holds ${shown(found[key])}, answered was ${shown(held[key])}`);
  } catch (error) {
    faults.push(`${when}: cannot be read: ${String(error)}`);
  }
}

function shown(text: string | undefined): string {
  return text?.slice(0, 60) ?? "nothing";
}

/** On a disk of its own that has room: what a killed process leaves is opened elsewhere. */
async function compareCopy(stage: Stage, when: string): Promise<void> {
  const copy = join(outside ?? "", "copy");
  rmSync(copy, { recursive: true, force: true });
  cpSync(stage.dir, copy, { recursive: true });
  try {
    const store = await embeddedStore({ dir: copy });
    await compare(stage, store, when);
    await store.close();
  } catch (error) {
    stage.faults.push(`${when}: a copy does not open: ${String(error)}`);
  }
}
