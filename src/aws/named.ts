import { UnknownFailure } from "../domain/errors.ts";

/** The id of what a call made. An answer that names nothing is not known to have made anything: a person looks. */
export function named(what: string, id: string | undefined): string {
  if (!id) throw new UnknownFailure(`${what}, whose answer names nothing,`);
  return id;
}
