/** The last lines of an instance's console. */
import { GetConsoleOutputCommand } from "@aws-sdk/client-ec2";
import { MedicError } from "../domain/errors.ts";
import type { InstanceId } from "../domain/words.ts";
import type { RegionClients } from "./clients.ts";
import { asked } from "./translate.ts";

/** The end of the console is where a kernel says why it died. */
const consoleCharsMax = 3000;
const consoleLinesMax = 20;
/** Colours and cursor movements that boot messages are full of. */
const terminalCodes = /\u001b\[[0-9;?]*[ -/]*[@-~]/g;

export async function consoleTail(ec2: RegionClients["ec2"], id: InstanceId): Promise<string> {
  const what = `GetConsoleOutput ${id}`;
  const read = (Latest: boolean) =>
    asked(what, () => ec2.send(new GetConsoleOutputCommand({ InstanceId: id, Latest })));
  // Only Nitro types can show what stands there now; for the others what was kept at the last boot or stop must do.
  const answer = await read(true).catch((error: unknown) => {
    if (error instanceof MedicError && error.retry === "never") return read(false);
    throw error;
  });
  const text = answer.Output === undefined ? "" : Buffer.from(answer.Output, "base64").toString("utf8");
  const lines = text.replace(terminalCodes, "").replace(/\r/g, "").trimEnd().split("\n").slice(-consoleLinesMax);
  return lines.join("\n").slice(-consoleCharsMax);
}
