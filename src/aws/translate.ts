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
  "Throttled",
  "ThrottledException",
  "EC2ThrottledException",
  "TooManyRequestsException",
  "RequestThrottled",
  "RequestThrottledException",
  "BandwidthLimitExceeded",
  "SlowDown",
  "PriorRequestNotComplete",
]);
const capacity = new Set([
  "InsufficientInstanceCapacity",
  "InsufficientCapacity",
  "InsufficientHostCapacity",
  "InsufficientReservedInstanceCapacity",
]);
const refusals = new Set([
  "UnauthorizedOperation",
  "AccessDenied",
  "AccessDeniedException",
  "AuthFailure",
  "AuthorizationError",
  "AuthorizationErrorException",
  "OptInRequired",
  "InvalidClientTokenId",
  "UnrecognizedClientException",
  "MissingAuthenticationToken",
  "SignatureDoesNotMatch",
  "InvalidSignatureException",
  "InvalidSignature",
]);
/** The token of a role is renewed by itself, and the instance's metadata may be slow: both are worth asking again. */
const credentials = new Set([
  "ExpiredToken",
  "ExpiredTokenException",
  "RequestExpired",
  "CredentialsProviderError",
  "TokenProviderError",
]);
const quotas = new Set(["VcpuLimitExceeded", "InstanceLimitExceeded", "MaxSpotInstanceCountExceeded"]);
const states = new Set([
  "IncorrectInstanceState",
  "IncorrectState",
  "IncorrectSpotRequestState",
  "OperationNotPermitted",
  "Unsupported",
  "UnsupportedOperation",
  "UnsupportedHostConfiguration",
]);
const absent = new Set([
  "ResourceNotFound",
  "ResourceNotFoundException",
  "NotFound",
  "NotFoundException",
  "ParameterNotFound",
  "TargetGroupNotFound",
  "TargetGroupNotFoundException",
  "LoadBalancerNotFound",
  "LoadBalancerNotFoundException",
  "QueueDoesNotExist",
  "AWS.SimpleQueueService.NonExistentQueue",
]);
const silence = new Set([
  "TimeoutError",
  "AbortError",
  "RequestTimeout",
  "RequestTimeoutException",
  "NetworkingError",
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EPIPE",
  "ETIMEDOUT",
  "InternalError",
  "InternalFailure",
  "InternalServerError",
  "ServiceUnavailable",
  "ServiceUnavailableException",
  "Unavailable",
]);

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
  if (throttles.has(code) || httpStatus(error) === 429) return new Throttled(what, error);
  if (capacity.has(code)) return new NoCapacity(what, error);
  if (refusals.has(code)) return new NotPermitted(named, error);
  if (credentials.has(code)) return noCredentials(named, error);
  if (quotas.has(code)) return quotaReached(named, error);
  if (states.has(code)) return new WrongState(named, error);
  if (/\.(NotFound|Malformed)$/.test(code) || absent.has(code)) return new NotFound(what, error);
  if (silence.has(code) || httpStatus(error) >= 500) return new Unreachable(what, error);
  return new UnknownFailure(named, error);
}

function noCredentials(what: string, cause: unknown): MedicError {
  return new MedicError("no-credentials", `${what}: AWS got no valid credentials from the bot`, {
    retry: "later",
    next: "Give the bot's task or machine its role, or the environment its keys; it is asked again by itself.",
    cause,
  });
}

function quotaReached(what: string, cause: unknown): MedicError {
  return new MedicError("quota-reached", `${what} is over a quota of this AWS account`, {
    retry: "never",
    next: "Stop something else or have the quota raised in Service Quotas, then order again.",
    cause,
  });
}

/** Runs one call; whatever it throws arrives translated. */
export async function asked<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw translate(what, error);
  }
}
