/**
 * AWS errors become ours once, here. The names come from the services' own lists (EC2 error codes; common errors of query
 * services); what no list knows stays unknown, and unknown never climbs a ladder.
 */
import {
  MedicError,
  NoCapacity,
  NotFound,
  NotPermitted,
  sentenceOf,
  Throttled,
  UnknownFailure,
  Unreachable,
  WrongState,
} from "../domain/errors.ts";
import { clip } from "../domain/limits.ts";
import { kindOf, type Kind } from "./awsCodes.ts";

/** Names that say only that something went wrong; what did stands in `code`. */
const empty = new Set(["Error", "AggregateError", "TypeError", "SyntaxError"]);

interface ForeignError {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly Code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly statusCode?: number };
}

/** The name that AWS or the network gave the error, "" when it gave none. */
export function awsCode(error: unknown): string {
  const { Code, name, code } = foreign(error);
  const known = [Code, name, code].find((word) => typeof word === "string" && word !== "" && !empty.has(word));
  return typeof known === "string" ? known : "";
}

function foreign(error: unknown): ForeignError {
  return typeof error === "object" && error !== null ? error : {};
}

/** A balancer's or proxy's page instead of an answer leaves only its status behind. */
function httpStatus(error: unknown): number {
  const { $metadata, $response } = foreign(error);
  return $metadata?.httpStatusCode ?? $response?.statusCode ?? 0;
}

/** Ours already, or translated. `what` names the call and its subject: "StopInstances i-0abc". */
export function translate(what: string, error: unknown): MedicError {
  if (error instanceof MedicError) return error;
  const code = awsCode(error);
  const named = `${what}${code ? ` (${code})` : ""}`;
  const kind = kindOf(code, sentenceOf(error)) ?? kindByStatus(httpStatus(error));
  return kind === undefined ? new UnknownFailure(named, error) : make[kind]({ what, named, cause: error });
}

function kindByStatus(status: number): Kind | undefined {
  if (status === 429) return "throttled";
  return status >= 500 ? "unreachable" : undefined;
}

interface Refusal {
  /** The call and its subject. */
  readonly what: string;
  /** The same, with AWS's own code. */
  readonly named: string;
  readonly cause: unknown;
}

const make: Readonly<Record<Kind, (refusal: Refusal) => MedicError>> = {
  throttled: ({ what, cause }) => new Throttled(what, cause),
  "no-capacity": ({ what, cause }) => new NoCapacity(what, cause),
  "not-permitted": ({ named, cause }) => new NotPermitted(named, cause),
  "wrong-state": ({ named, cause }) => new WrongState(named, cause),
  "not-found": ({ what, cause }) => new NotFound(what, cause),
  unreachable: ({ what, cause }) => new Unreachable(what, cause),
  busy: ({ named, cause }) =>
    new MedicError("busy", `${named} has to wait: something else is being done to the same thing`, {
      retry: "later",
      next: "It is asked again by itself.",
      cause,
    }),
  "changed-meanwhile": ({ named, cause }) =>
    new MedicError("changed-meanwhile", `${named}: somebody else changed it after it was read`, {
      retry: "later",
      next: "It is read afresh and asked again by itself.",
      cause,
    }),
  "exists-already": ({ named, cause }) =>
    new MedicError("exists-already", `${named}: one of this name exists already`, {
      retry: "never",
      next: "Look at the one that exists; remove or rename it when it is not the bot's, then order again.",
      cause,
    }),
  "invalid-request": ({ named, cause }) =>
    new MedicError("invalid-request", `${named} was refused as not valid: ${clip(sentenceOf(cause))}`, {
      retry: "never",
      next: "Compare what medic.yaml names with what exists in AWS, correct it, then order again.",
      cause,
    }),
  "no-credentials": ({ named, cause }) =>
    new MedicError("no-credentials", `${named}: AWS got no valid credentials from the bot`, {
      retry: "later",
      next: "Give the bot's task or machine its role, or the environment its keys; it is asked again by itself.",
      cause,
    }),
  "quota-reached": ({ named, cause }) =>
    new MedicError("quota-reached", `${named} is over a quota of this AWS account`, {
      retry: "never",
      next: "Stop something else or have the quota raised in Service Quotas, then order again.",
      cause,
    }),
};

/** Runs one call; whatever it throws arrives translated. */
export async function asked<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw translate(what, error);
  }
}

/** undefined where AWS says that it does not exist; every other error is thrown. */
export async function orGone<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof NotFound) return undefined;
    throw error;
  }
}
