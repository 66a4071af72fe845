/**
 * AWS errors become ours once, here. The names come from the services' own lists (EC2 error codes; common errors of query
 * services); what no list knows stays unknown, and unknown never climbs a ladder.
 */
import {
  MedicError,
  NoCapacity,
  NotFound,
  NotPermitted,
  Throttled,
  UnknownFailure,
  Unreachable,
  WrongState,
} from "../domain/errors.ts";

const throttles = new Set([
  "RequestLimitExceeded",
  "Throttling",
  "ThrottlingException",
  "ThrottledException",
  "TooManyRequestsException",
  "RequestThrottled",
  "RequestThrottledException",
  "SlowDown",
  "PriorRequestNotComplete",
]);
const capacity = new Set([
  "InsufficientInstanceCapacity",
  "InsufficientCapacity",
  "InsufficientHostCapacity",
  "InsufficientReservedInstanceCapacity",
  "SpotMaxPriceTooLow",
  "MaxSpotInstanceCountExceeded",
]);
const refusals = new Set([
  "UnauthorizedOperation",
  "AccessDenied",
  "AccessDeniedException",
  "AuthFailure",
  "AuthorizationError",
  "OptInRequired",
  "ExpiredToken",
  "ExpiredTokenException",
  "InvalidClientTokenId",
  "UnrecognizedClientException",
  "CredentialsProviderError",
  "VcpuLimitExceeded",
  "InstanceLimitExceeded",
]);
const states = new Set(["IncorrectInstanceState", "IncorrectState", "OperationNotPermitted", "UnsupportedOperation"]);
const silence = new Set([
  "TimeoutError",
  "AbortError",
  "RequestTimeout",
  "RequestTimeoutException",
  "NetworkingError",
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EPIPE",
  "InternalError",
  "InternalFailure",
  "InternalServerError",
  "ServiceUnavailable",
  "ServiceUnavailableException",
  "Unavailable",
]);

interface ForeignError {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly Code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** The name that AWS gave the error, "" when it gave none. */
export function awsCode(error: unknown): string {
  if (typeof error !== "object" || error === null) return "";
  const { name, code, Code } = error as ForeignError;
  const known = [Code, name, code].find((word) => typeof word === "string" && word !== "Error");
  return typeof known === "string" ? known : "";
}

/** Ours already, or translated. `what` names the call and its subject: "StopInstances i-0abc". */
export function translate(what: string, error: unknown): MedicError {
  if (error instanceof MedicError) return error;
  const code = awsCode(error);
  if (throttles.has(code)) return new Throttled(what, error);
  if (capacity.has(code)) return new NoCapacity(what, error);
  if (refusals.has(code)) return new NotPermitted(`${what} (${code})`, error);
  if (states.has(code)) return new WrongState(`${what} (${code})`, error);
  if (/\.(NotFound|Malformed)$/.test(code) || code === "ResourceNotFound" || code === "NotFound")
    return new NotFound(what, error);
  const status =
    typeof error === "object" && error !== null ? (error as ForeignError).$metadata?.httpStatusCode : undefined;
  if (silence.has(code) || (status !== undefined && status >= 500)) return new Unreachable(what, error);
  return new UnknownFailure(`${what}${code ? ` (${code})` : ""}`, error);
}

/** Runs one call; whatever it throws arrives translated. */
export async function asked<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw translate(what, error);
  }
}
