/**
 * dynalite's engine without its HTTP server. Two faults of 4.0.0 are the reason to reach past its front door:
 * an error of the disk is thrown where nobody can catch it and ends the process, here it is an answer; and every query and
 * scan leaves its LevelDB iterator open for ever (the due loop alone: 700,000 a day), here the stream closes it.
 */
import { Readable } from "node:stream";
import createTable from "dynalite/actions/createTable.js";
import deleteItem from "dynalite/actions/deleteItem.js";
import describeTable from "dynalite/actions/describeTable.js";
import getItem from "dynalite/actions/getItem.js";
import putItem from "dynalite/actions/putItem.js";
import query from "dynalite/actions/query.js";
import scan from "dynalite/actions/scan.js";
import updateItem from "dynalite/actions/updateItem.js";
import db from "dynalite/db/index.js";
import validCreateTable from "dynalite/validations/createTable.js";
import validDeleteItem from "dynalite/validations/deleteItem.js";
import validDescribeTable from "dynalite/validations/describeTable.js";
import validGetItem from "dynalite/validations/getItem.js";
import validations from "dynalite/validations/index.js";
import validPutItem from "dynalite/validations/putItem.js";
import validQuery from "dynalite/validations/query.js";
import validScan from "dynalite/validations/scan.js";
import validUpdateItem from "dynalite/validations/updateItem.js";

export interface DynaliteAnswer {
  readonly statusCode: number;
  readonly body: string;
}

export interface DynaliteEngine {
  /** `operation` as in the SDK's target header: `PutItem`. Never throws; after `close` it refuses with ECONNREFUSED. */
  answer(operation: string, body: string): Promise<DynaliteAnswer>;
  /** Takes no more requests, waits for those under way, closes the LevelDB. */
  close(): Promise<void>;
}

/** What the store sends; everything else is answered as unknown. */
const operations = new Map([
  ["CreateTable", { run: createTable, valid: validCreateTable }],
  ["DeleteItem", { run: deleteItem, valid: validDeleteItem }],
  ["DescribeTable", { run: describeTable, valid: validDescribeTable }],
  ["GetItem", { run: getItem, valid: validGetItem }],
  ["PutItem", { run: putItem, valid: validPutItem }],
  ["Query", { run: query, valid: validQuery }],
  ["Scan", { run: scan, valid: validScan }],
  ["UpdateItem", { run: updateItem, valid: validUpdateItem }],
]);

/** `path` is the folder of the LevelDB; absent = memory. `createTableMs`: how long a new table pretends to be created. */
export function dynaliteEngine(
  options: { readonly path?: string; readonly createTableMs?: number } = {},
): DynaliteEngine {
  const store = db.create({ ...options, createTableMs: options.createTableMs ?? 0 });
  store.db.createValueStream = (range) => Readable.from(store.db.values(range));
  const underWay = new Set<Promise<unknown>>();
  let closing = false;

  function carriedOut(operation: string, body: string): Promise<DynaliteAnswer> {
    const known = operations.get(operation);
    if (!known) return Promise.resolve(refusal({ statusCode: 400, body: { __type: "UnknownOperationException" } }));
    return new Promise((resolve) => {
      try {
        const data = validations.checkTypes(JSON.parse(body), known.valid.types);
        validations.checkValidations(data, known.valid.types, known.valid.custom, store);
        known.run(store, data, (error, answer) =>
          resolve(error ? refusal(error) : { statusCode: 200, body: JSON.stringify(answer) }),
        );
      } catch (error) {
        resolve(refusal(error));
      }
    });
  }

  return {
    answer: async (operation, body) => {
      // As a server that no longer listens would refuse: nothing was carried out.
      if (closing) throw Object.assign(new Error("the embedded table is closed"), { code: "ECONNREFUSED" });
      const answer = carriedOut(operation, body);
      underWay.add(answer);
      try {
        return await answer;
      } finally {
        underWay.delete(answer);
      }
    },
    close: async () => {
      closing = true;
      await Promise.all(underWay);
      await store.db.close();
    },
  };
}

/** dynalite's refusals carry AWS's answer; whatever else comes is the disk, which AWS would call a fault of its own. */
function refusal(error: unknown): DynaliteAnswer {
  const { statusCode, body, message } = error as { statusCode?: number; body?: unknown; message?: string };
  if (statusCode !== undefined) return { statusCode, body: JSON.stringify(body) };
  return {
    statusCode: 500,
    body: JSON.stringify({ __type: "InternalServerError", message: message ?? String(error) }),
  };
}
