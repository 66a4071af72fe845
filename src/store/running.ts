/** Whether a bot seems to run on a data folder: a hint for whoever copies it, never a lock. */
import { readFileSync } from "node:fs";
import { filesIn } from "./sqlite/folder.ts";

/** undefined = no; the file of a killed bot stays, and a bot in another container is not seen. */
export function runningPid(dir: string): number | undefined {
  try {
    const pid = Number(readFileSync(filesIn(dir).pid, "utf8").trim());
    if (!Number.isInteger(pid) || pid <= 0) return undefined;
    // Signal 0 asks whether the process is there and sends nothing.
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    // It is there and belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code === "EPERM") return Number(readFileSync(filesIn(dir).pid, "utf8").trim());
    return undefined;
  }
}
