/**
 * Every call that leaves for the table goes through here, also those of dynamoose: bounded tries, one translation of errors,
 * and the units that were consumed. A refused condition passes untouched; it is an answer, not a failure.
 */
import type {
  AttributeValue,
  CreateTableCommandInput,
  CreateTableCommandOutput,
  DeleteItemCommandInput,
  DeleteItemCommandOutput,
  DescribeTableCommandInput,
  DescribeTableCommandOutput,
  DescribeTimeToLiveCommandInput,
  DescribeTimeToLiveCommandOutput,
  DynamoDB,
  GetItemCommandInput,
  GetItemCommandOutput,
  PutItemCommandInput,
  PutItemCommandOutput,
  QueryCommandInput,
  QueryCommandOutput,
  ScanCommandInput,
  ScanCommandOutput,
  UpdateItemCommandInput,
  UpdateItemCommandOutput,
  UpdateTableCommandInput,
  UpdateTableCommandOutput,
  UpdateTimeToLiveCommandInput,
  UpdateTimeToLiveCommandOutput,
} from "@aws-sdk/client-dynamodb";
import type { Clock } from "../ports/clock.ts";
import { StoreUncertain } from "../ports/store.ts";
import type { OnConsumed } from "./consumed.ts";
import {
  isConditionFailed,
  isTableBusy,
  isTableMissing,
  isWorthAnotherTry,
  translated,
  wasSentTwice,
} from "./dynamoErrors.ts";
import type { CallKind } from "./dynamoErrors.ts";

export interface DynamoCalls {
  getItem(input: GetItemCommandInput): Promise<GetItemCommandOutput>;
  putItem(input: PutItemCommandInput): Promise<PutItemCommandOutput>;
  updateItem(input: UpdateItemCommandInput): Promise<UpdateItemCommandOutput>;
  deleteItem(input: DeleteItemCommandInput): Promise<DeleteItemCommandOutput>;
  query(input: QueryCommandInput): Promise<QueryCommandOutput>;
  scan(input: ScanCommandInput): Promise<ScanCommandOutput>;
  /** These throw ResourceNotFound and ResourceInUse as they are: set-up decides by them. */
  describeTable(input: DescribeTableCommandInput): Promise<DescribeTableCommandOutput>;
  createTable(input: CreateTableCommandInput): Promise<CreateTableCommandOutput>;
  updateTable(input: UpdateTableCommandInput): Promise<UpdateTableCommandOutput>;
  describeTimeToLive(input: DescribeTimeToLiveCommandInput): Promise<DescribeTimeToLiveCommandOutput>;
  updateTimeToLive(input: UpdateTimeToLiveCommandInput): Promise<UpdateTimeToLiveCommandOutput>;
}

export interface DynamoCallsOptions {
  readonly client: DynamoDB;
  readonly table: string;
  readonly clock: Clock;
  readonly onConsumed?: OnConsumed;
}

/** Three tries bridge a throttled second and a restarted server; longer outages are the engine's to wait for. */
const triesMax = 3;
/** Doubles with each try. */
const firstPauseMs = 50;

export function dynamoCalls({ client, table, clock, onConsumed }: DynamoCallsOptions): DynamoCalls {
  // Whatever table the request was prepared for.
  const fixed = { TableName: table, ...(onConsumed ? ({ ReturnConsumedCapacity: "TOTAL" } as const) : {}) };

  async function tried<Output>(call: Call, send: () => Promise<Output>): Promise<Output> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await send();
      } catch (error) {
        if (isConditionFailed(error) && wasSentTwice(error)) throw new StoreUncertain(call.what, error);
        if (call.passes(error)) throw error;
        if (tries >= triesMax || wasSentTwice(error) || !isWorthAnotherTry(error, call.kind))
          throw translated(error, call.what, call.kind);
        await clock.sleep(firstPauseMs * 2 ** (tries - 1));
      }
    }
  }

  async function counted<Output extends { ConsumedCapacity?: { CapacityUnits?: number | undefined } | undefined }>(
    call: Call,
    send: () => Promise<Output>,
  ): Promise<Output> {
    const answer = await tried(call, send);
    onConsumed?.({ operation: call.operation, kind: call.kind, units: answer.ConsumedCapacity?.CapacityUnits ?? 0 });
    return answer;
  }

  const named = (item: Record<string, AttributeValue> | undefined) =>
    `item "${item?.["pk"]?.S ?? "?"}" / "${item?.["sk"]?.S ?? "?"}" of table "${table}"`;
  const read = (operation: string, what: string): Call => ({
    kind: "read",
    operation,
    what,
    passes: isConditionFailed,
  });
  const write = (operation: string, item: Record<string, AttributeValue> | undefined): Call => ({
    kind: "write",
    operation,
    what: named(item),
    passes: isConditionFailed,
  });
  const aboutTable = (kind: CallKind, operation: string): Call => ({
    kind,
    operation,
    what: `table "${table}"`,
    passes: (error) => isTableMissing(error) || isTableBusy(error),
  });
  return {
    getItem: (input) => counted(read("getItem", named(input.Key)), () => client.getItem({ ...input, ...fixed })),
    putItem: (input) => counted(write("putItem", input.Item), () => client.putItem({ ...input, ...fixed })),
    updateItem: (input) => counted(write("updateItem", input.Key), () => client.updateItem({ ...input, ...fixed })),
    deleteItem: (input) => counted(write("deleteItem", input.Key), () => client.deleteItem({ ...input, ...fixed })),
    query: (input) => counted(read("query", `a query of "${table}"`), () => client.query({ ...input, ...fixed })),
    scan: (input) => counted(read("scan", `a scan of "${table}"`), () => client.scan({ ...input, ...fixed })),
    describeTable: (input) => tried(aboutTable("read", "describeTable"), () => client.describeTable(input)),
    createTable: (input) => tried(aboutTable("write", "createTable"), () => client.createTable(input)),
    updateTable: (input) => tried(aboutTable("write", "updateTable"), () => client.updateTable(input)),
    describeTimeToLive: (input) =>
      tried(aboutTable("read", "describeTimeToLive"), () => client.describeTimeToLive(input)),
    updateTimeToLive: (input) => tried(aboutTable("write", "updateTimeToLive"), () => client.updateTimeToLive(input)),
  };
}

interface Call {
  readonly kind: CallKind;
  readonly operation: string;
  readonly what: string;
  /** Answers that the caller understands are thrown as they came. */
  readonly passes: (error: unknown) => boolean;
}
