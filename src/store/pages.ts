/** Answers of DynamoDB end at 1 MB, whatever was asked for: these go on where one ended. */
import type { AttributeValue, QueryCommandInput, ScanCommandInput } from "@aws-sdk/client-dynamodb";
import type { DynamoCalls } from "./dynamoCalls.ts";
import type { Attributes } from "./tableModel.ts";

export async function* scanned(calls: DynamoCalls, request: ScanCommandInput): AsyncGenerator<Attributes> {
  let from: Record<string, AttributeValue> | undefined;
  do {
    const page = await calls.scan({ ...request, ...(from ? { ExclusiveStartKey: from } : {}) });
    yield* page.Items ?? [];
    from = page.LastEvaluatedKey;
  } while (from);
}

/** At most `limit` in all. */
export async function* queried(
  calls: DynamoCalls,
  request: QueryCommandInput,
  limit = Infinity,
): AsyncGenerator<Attributes> {
  let from: Record<string, AttributeValue> | undefined;
  let left = limit;
  while (left > 0) {
    const page = await calls.query({
      ...request,
      ...(left === Infinity ? {} : { Limit: left }),
      ...(from ? { ExclusiveStartKey: from } : {}),
    });
    yield* page.Items ?? [];
    left -= page.Items?.length ?? 0;
    from = page.LastEvaluatedKey;
    if (!from) return;
  }
}
