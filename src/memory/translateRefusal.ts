/** The simulated account's refusals in the program's own errors: the same table that the real adapter follows. */
import { NoCapacity, NotFound, NotPermitted, Throttled, UnknownFailure, WrongState } from "../domain/errors.ts";
import type { MedicError } from "../domain/errors.ts";
import { AwsRefusal } from "./accountModel.ts";

const byCode: Readonly<Record<string, (what: string, cause: unknown) => MedicError>> = {
  RequestLimitExceeded: (what, cause) => new Throttled(what, cause),
  InsufficientInstanceCapacity: (what, cause) => new NoCapacity(what, cause),
  UnauthorizedOperation: (what, cause) => new NotPermitted(what, cause),
  IncorrectState: (what, cause) => new WrongState(what, cause),
  IncorrectInstanceState: (what, cause) => new WrongState(what, cause),
  "InvalidInstanceID.NotFound": (what, cause) => new NotFound(what, cause),
};

export async function inOurWords<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof AwsRefusal)) throw error;
    throw (byCode[error.code] ?? ((named: string, cause: unknown) => new UnknownFailure(named, cause)))(what, error);
  }
}
