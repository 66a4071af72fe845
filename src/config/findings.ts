/** What the checks across settings see of the configuration, and how they say what they find. */
import type { ServiceDefinition } from "../domain/service.ts";
import type { RawService } from "./schema.ts";
import type { Path } from "./yamlSource.ts";

export interface CheckedService {
  readonly definition: ServiceDefinition;
  /** As written, for what was said outright and what is a default. */
  readonly raw: Partial<RawService>;
  /** Settings that are wrong in themselves: nothing more is said about them. */
  readonly broken: ReadonlySet<string>;
}

export interface Finding {
  readonly severity: "error" | "warning";
  readonly path: Path;
  readonly message: string;
  readonly fix: string;
}

export function servicePath(service: CheckedService, ...rest: readonly (string | number)[]): Path {
  return ["services", service.definition.name, ...rest];
}
