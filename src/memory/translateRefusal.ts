/** The simulated account's refusals in the program's own errors: the same classes and codes that the real adapter gives. */
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
import { AwsRefusal } from "./accountModel.ts";

type Make = (what: string, cause: AwsRefusal) => MedicError;

const throttled: Make = (what, cause) => new Throttled(what, cause);
const noCapacity: Make = (what, cause) => new NoCapacity(what, cause);
const notPermitted: Make = (what, cause) => new NotPermitted(what, cause);
const wrongState: Make = (what, cause) => new WrongState(what, cause);
const notFound: Make = (what, cause) => new NotFound(what, cause);
const unreachable: Make = (what, cause) => new Unreachable(what, cause);
const unknown: Make = (what, cause) => new UnknownFailure(`${what} (${cause.code})`, cause);

function own(code: string, retry: "never" | "later", said: string): Make {
  const next = retry === "later" ? "It is asked again by itself." : "Correct it, then order again.";
  return (what, cause) => new MedicError(code, `${what} ${said}: ${cause.message}`, { retry, next, cause });
}
const busy = own("busy", "later", "has to wait, something else is being done to the same thing");
const invalid = own("invalid-request", "never", "was refused as not valid");
const quota = own("quota-reached", "never", "is over a quota of this AWS account");
const notOffered = own("type-not-offered", "never", "names a type that cannot be had there");

const byCode: Readonly<Record<string, Make>> = {
  RequestLimitExceeded: throttled,
  Throttling: throttled,
  PriorRequestNotComplete: throttled,
  InsufficientInstanceCapacity: noCapacity,
  InsufficientFreeAddressesInSubnet: noCapacity,
  UnauthorizedOperation: notPermitted,
  AccessDeniedException: notPermitted,
  IncorrectState: wrongState,
  IncorrectInstanceState: wrongState,
  OperationNotPermitted: wrongState,
  Unsupported: wrongState,
  "Resource.AlreadyAssociated": wrongState,
  VolumeInUse: wrongState,
  "InvalidVolume.ZoneMismatch": wrongState,
  "InvalidSnapshot.InUse": wrongState,
  IdempotentInstanceTerminated: wrongState,
  InvalidInstanceID: wrongState,
  InvalidInstanceId: wrongState,
  ConflictException: wrongState,
  InstanceRefreshInProgressFault: wrongState,
  InvalidTargetException: wrongState,
  "InvalidAMIName.Duplicate": own("exists-already", "never", "needs a name that is taken"),
  "InvalidAMIID.Unavailable": notFound,
  NoSuchHostedZone: notFound,
  NoSuchChange: notFound,
  NoSuchHealthCheck: notFound,
  InvocationDoesNotExist: notFound,
  ResourceNotFoundException: notFound,
  TargetGroupNotFoundException: notFound,
  ActiveInstanceRefreshNotFoundFault: notFound,
  HealthCheckVersionMismatch: own("changed-meanwhile", "later", "was changed by somebody else after it was read"),
  IdempotentParameterMismatch: invalid,
  InvalidChangeBatch: invalid,
  VcpuLimitExceeded: quota,
  ResourceLimitExceeded: busy,
  ScalingActivityInProgressFault: busy,
  ResourceContentionFault: busy,
  // Auto Scaling has one code for everything that it refuses: only its sentence tells what it means.
  ValidationError: (what, cause) =>
    (/not found|No active Lifecycle Action found/i.test(cause.message) ? notFound : wrongState)(what, cause),
};

/** A launch alone says of `Unsupported` that the zone does not have the type. */
const byCodeOfLaunch: Readonly<Record<string, Make>> = { Unsupported: notOffered };

export function inOurWords<T>(what: string, call: () => Promise<T>): Promise<T> {
  return translated(what, call, byCode);
}

export function launchInOurWords<T>(what: string, call: () => Promise<T>): Promise<T> {
  return translated(what, call, { ...byCode, ...byCodeOfLaunch });
}

async function translated<T>(what: string, call: () => Promise<T>, table: Readonly<Record<string, Make>>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof AwsRefusal)) throw error;
    const byShape = error.code.endsWith(".NotFound") ? notFound : error.status >= 500 ? unreachable : unknown;
    throw (table[error.code] ?? byShape)(what, error);
  }
}

/** undefined where the account says that it does not exist; every other error is thrown. */
export async function orGone<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof NotFound) return undefined;
    throw error;
  }
}
