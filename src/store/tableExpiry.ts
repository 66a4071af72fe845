/**
 * DynamoDB's time to live on the table: what `expiresAt` names is deleted by AWS, without costing a write. A comfort, never a need: the
 * engine's own sweep removes the same records. So nothing here makes set-up fail; it is said what was found and what helps.
 */
import type { TimeToLiveDescription } from "@aws-sdk/client-dynamodb";
import { sentenceOf } from "../domain/errors.ts";
import { tableShape } from "../domain/tableShape.ts";
import type { Log } from "../ports/log.ts";
import type { DynamoCalls } from "./dynamoCalls.ts";

export async function enableExpiry(calls: DynamoCalls, table: string, log: Log): Promise<void> {
  try {
    const found = await described(calls, table);
    if (isOn(found)) {
      if (found.AttributeName !== tableShape.expiry) sayOther(found.AttributeName, table, log);
      return;
    }
    await enableUnlessAnotherDid(calls, table);
    log.info("expiry-enabled", { table, attribute: tableShape.expiry });
  } catch (error) {
    log.warn("expiry-not-enabled", {
      table,
      message: sentenceOf(error),
      next:
        `old records are removed by the bot's own daily sweep; to let DynamoDB do it, allow dynamodb:DescribeTimeToLive and ` +
        `dynamodb:UpdateTimeToLive and run \`medic setup\` again, or enable it on "${tableShape.expiry}" in the console`,
    });
  }
}

async function described(calls: DynamoCalls, table: string): Promise<TimeToLiveDescription> {
  return (await calls.describeTimeToLive({ TableName: table })).TimeToLiveDescription ?? {};
}

/** AWS has no error of its own for "it is on already", which a second process meets: so it is looked at again. */
async function enableUnlessAnotherDid(calls: DynamoCalls, table: string): Promise<void> {
  const wanted = { AttributeName: tableShape.expiry, Enabled: true };
  try {
    await calls.updateTimeToLive({ TableName: table, TimeToLiveSpecification: wanted });
  } catch (error) {
    const found = await described(calls, table);
    if (!isOn(found) || found.AttributeName !== wanted.AttributeName) throw error;
  }
}

function isOn({ TimeToLiveStatus: status }: TimeToLiveDescription): boolean {
  return status === "ENABLED" || status === "ENABLING";
}

function sayOther(other: string | undefined, table: string, log: Log): void {
  log.warn("expiry-not-enabled", {
    table,
    message: `the table's time to live is on the attribute "${other ?? "?"}", the bot writes "${tableShape.expiry}"`,
    next: "old records are removed by the bot's own daily sweep; to change it, disable the other in the console first",
  });
}
