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
  const attribute = tableShape.expiry;
  try {
    const found = (await calls.describeTimeToLive({ TableName: table })).TimeToLiveDescription;
    if (isOn(found)) {
      if (found?.AttributeName !== attribute) sayOther(found?.AttributeName, table, log);
      return;
    }
    const wanted = { AttributeName: attribute, Enabled: true };
    await calls.updateTimeToLive({ TableName: table, TimeToLiveSpecification: wanted });
    log.info("expiry-enabled", { table, attribute });
  } catch (error) {
    log.warn("expiry-not-enabled", {
      table,
      message: sentenceOf(error),
      next:
        `old records are removed by the bot's own daily sweep; to let DynamoDB do it, allow dynamodb:DescribeTimeToLive and ` +
        `dynamodb:UpdateTimeToLive and run \`medic setup\` again, or enable it on "${attribute}" in the console`,
    });
  }
}

function isOn(found: TimeToLiveDescription | undefined): boolean {
  return found?.TimeToLiveStatus === "ENABLED" || found?.TimeToLiveStatus === "ENABLING";
}

function sayOther(other: string | undefined, table: string, log: Log): void {
  log.warn("expiry-not-enabled", {
    table,
    message: `the table's time to live is on the attribute "${other ?? "?"}", the bot writes "${tableShape.expiry}"`,
    next: "old records are removed by the bot's own daily sweep; to change it, disable the other in the console first",
  });
}
