/** What DynamoDB, the SDK and the network throw, in our words. Foreign errors are translated here and nowhere else. */
import { MedicError, UnknownFailure } from "../domain/errors.ts";
import { StoreUncertain, StoreUnavailable } from "../ports/store.ts";

export type CallKind = "read" | "write";

/** Refused before it was carried out: trying again cannot do it twice. */
const throttled = new Set([
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "ThrottlingException",
  "LimitExceededException",
]);
/** No connection came about, so nothing was sent. */
const neverSent = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);
const answerLost = new Set(["ECONNRESET", "EPIPE", "ETIMEDOUT", "ERR_SOCKET_CLOSED", "ABORT_ERR"]);
const answerLostNames = new Set([
  "TimeoutError",
  "AbortError",
  "InternalServerError",
  "InternalFailure",
  "RequestTimeout",
]);
const notAllowed = new Set([
  "AccessDeniedException",
  "ExpiredTokenException",
  "InvalidSignatureException",
  "MissingAuthenticationTokenException",
  "UnrecognizedClientException",
]);

export function isConditionFailed(error: unknown): boolean {
  return named(error) === "ConditionalCheckFailedException";
}

/** false = the condition of the write was not met; everything else that it throws goes on. */
export async function unlessRefused(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (isConditionFailed(error)) return false;
    throw error;
  }
}

export function isTableMissing(error: unknown): boolean {
  return named(error) === "ResourceNotFoundException";
}

/** Another process creates or changes the table at this moment. */
export function isTableBusy(error: unknown): boolean {
  return named(error) === "ResourceInUseException";
}

/** Did the SDK send more than once by itself? Then a refused condition may have met our own first try. */
export function wasSentTwice(error: unknown): boolean {
  const metadata = (error as { $metadata?: { attempts?: number } } | undefined)?.$metadata;
  return (metadata?.attempts ?? 1) > 1;
}

/** May the call be made again without risk? Writes only when it is certain that nothing was carried out. */
export function isWorthAnotherTry(error: unknown, kind: CallKind): boolean {
  if (throttled.has(named(error)) || isNeverSent(error)) return true;
  return kind === "read" && isAnswerLost(error);
}

/** `what` completes "the store did not take …" and "the answer to writing … was lost". */
export function translated(error: unknown, what: string, kind: CallKind): MedicError {
  if (error instanceof MedicError) return error;
  const name = named(error);
  if (kind === "write" && (isAnswerLost(error) || wasSentTwice(error))) return new StoreUncertain(what, error);
  if (isTableMissing(error))
    return new StoreUnavailable(what, error, "the table does not exist: run `medic setup`, or correct MEDIC_TABLE");
  if (notAllowed.has(name))
    return new StoreUnavailable(what, error, `AWS answered ${name}: check the role's permissions on the table`);
  if (name === "CredentialsProviderError")
    return new StoreUnavailable(what, error, "no AWS credentials were found: give the bot a role or keys");
  if (throttled.has(name))
    return new StoreUnavailable(what, error, "the table refuses because of too many requests: look at its limits");
  if (isNeverSent(error))
    return new StoreUnavailable(what, error, "no connection came about: check the endpoint, region and network");
  if (isAnswerLost(error)) return new StoreUnavailable(what, error, "it did not answer in time: check the network");
  return new UnknownFailure(`${kind === "read" ? "reading" : "writing"} ${what}`, error);
}

function isNeverSent(error: unknown): boolean {
  if (neverSent.has(systemCode(error))) return true;
  // The handler's words when its connection time is over; it has no code of its own for it.
  return named(error) === "TimeoutError" && /establish a connection|connection timed out/i.test(messageOf(error));
}

function isAnswerLost(error: unknown): boolean {
  if (isNeverSent(error)) return false;
  if (answerLostNames.has(named(error)) || answerLost.has(systemCode(error))) return true;
  const status = (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
  return (status ?? 0) >= 500 || /socket hang up/i.test(messageOf(error));
}

function named(error: unknown): string {
  return error instanceof Error ? error.name : "";
}

function systemCode(error: unknown): string {
  const { code, errors } = (error ?? {}) as { code?: unknown; errors?: unknown };
  if (typeof code === "string") return code;
  // A name with several addresses: Node collects one error for each.
  return Array.isArray(errors) && errors.length > 0 ? systemCode(errors[0]) : "";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "";
}
