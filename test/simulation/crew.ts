/** Plays many nights, in this process or in several: each takes the next seed when it is done with one. */
import { fork } from "node:child_process";
import type { History } from "./history.ts";
import type { Broken } from "./laws.ts";
import type { Options } from "./options.ts";
import { playNight, type Night, type NightOptions } from "./simulation.ts";

/** What is said of a night when it is over. */
export interface Played {
  readonly seed: number;
  readonly kind: Night["kind"];
  readonly runs: number;
  readonly virtualMs: number;
  /** Of the process that played it, in ms. */
  readonly cpuMs: number;
  readonly broken: readonly Broken[];
  /** Only of a night that broke a law. */
  readonly history?: History;
}

export async function playOne(seed: number, options: NightOptions): Promise<Played> {
  const before = process.cpuUsage();
  const { kind, runs, virtualMs, broken, history } = await playNight(seed, options);
  const { user, system } = process.cpuUsage(before);
  const cpuMs = (user + system) / 1_000;
  return { seed, kind, runs, virtualMs, cpuMs, broken, ...(broken.length > 0 ? { history } : {}) };
}

/** Rejects when a process ends before its seeds do. */
export async function playAll(
  { seeds, jobs, everyLook }: Pick<Options, "seeds" | "jobs" | "everyLook">,
  onPlayed: (night: Played) => void,
): Promise<void> {
  const left = [...seeds];
  if (jobs === 1 || seeds.length < jobs * 4) {
    for (const seed of left) onPlayed(await playOne(seed, { everyLook }));
    return;
  }
  await Promise.all(Array.from({ length: jobs }, () => hand(left, everyLook, onPlayed)));
}

function hand(left: number[], everyLook: boolean, onPlayed: (night: Played) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = fork(process.argv[1] ?? "", ["--child", ...(everyLook ? ["--every-look"] : [])], {
      execArgv: process.execArgv,
    });
    let playing: number | undefined;
    const next = (): void => {
      playing = left.shift();
      if (playing === undefined) child.disconnect();
      else child.send(playing);
    };
    child.on("message", (night: Played) => {
      onPlayed(night);
      next();
    });
    child.on("error", reject);
    child.on("exit", (code) => {
      if (code === 0 && playing === undefined) return resolve();
      reject(new Error(`the process that played seed ${playing} ended with ${code}: repeat it with --seed ${playing}`));
    });
    next();
  });
}

/** The other side: plays what it is sent until the parent has no more. */
export function playForParent(options: NightOptions): Promise<void> {
  return new Promise((resolve) => {
    process.on("message", (seed: number) => {
      void playOne(seed, options).then((night) => process.send?.(night));
    });
    process.on("disconnect", resolve);
  });
}
