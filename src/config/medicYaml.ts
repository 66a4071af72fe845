/** `medic.yaml` → Settings, or every problem at once, each with its line, what was found, what is needed and what to write. */
import type { Settings } from "../domain/settings.ts";
import { sentenceOf } from "../domain/errors.ts";
import { checkAccounts } from "./checkAccounts.ts";
import { checkClaims } from "./checkClaims.ts";
import { checkGlobals } from "./checkGlobals.ts";
import { checkLadders } from "./checkLadders.ts";
import { checkRecovering } from "./checkRecovering.ts";
import { checkService } from "./checkService.ts";
import type { CheckedService, Finding } from "./findings.ts";
import { nearest } from "../domain/nearest.ts";
import { parseParts } from "./parseParts.ts";
import { inOrder, isError } from "./problem.ts";
import type { Problem } from "./problem.ts";
import { globalsSchema, serviceSchema } from "./schema.ts";
import { timingSchema } from "./timingSchema.ts";
import type { RawGlobals } from "./schema.ts";
import { serviceName } from "./schemaParts.ts";
import { toGlobals, toService, toTiming } from "./toSettings.ts";
import { readYaml } from "./yamlSource.ts";
import type { YamlSource } from "./yamlSource.ts";
import { fieldName, show } from "./zodProblems.ts";

export type LoadedSettings =
  { readonly settings: Settings; readonly warnings: readonly Problem[] } | { readonly problems: readonly Problem[] };

/** Reads the whole file as text; throws when it cannot. */
export type ReadFile = (path: string) => string;

/** `problems` holds the warnings too, in the order of the file. */
export function loadSettings(path: string, readFile: ReadFile): LoadedSettings {
  const read = textOf(path, readFile);
  return "problems" in read ? read : parseSettings(path, read.text);
}

/** The text, or the one problem that there is none. */
export function textOf(path: string, readFile: ReadFile): { readonly text: string } | { readonly problems: Problem[] } {
  try {
    return { text: readFile(path) };
  } catch (error) {
    const fix = `Copy examples/minimal.yaml to ${path}, or set MEDIC_CONFIG to where yours is.`;
    const message = `cannot be read: ${sentenceOf(error)}`;
    return { problems: [{ severity: "error", file: path, field: "MEDIC_CONFIG", message, fix }] };
  }
}

export function parseSettings(file: string, text: string): LoadedSettings {
  const source = readYaml(file, text);
  if (source.problems.length > 0) return { problems: source.problems };
  if (source.value === null || typeof source.value !== "object" || Array.isArray(source.value)) {
    const message = `found ${show(source.value)}; needed: a mapping with defaults and services`;
    return { problems: [{ severity: "error", file, line: 1, column: 1, field: file, message, fix: startFix }] };
  }
  const { services: rawServices, ...rawGlobals } = source.value as Record<string, unknown>;
  const globals = parseParts(globalsSchema, { file, source, base: [], value: rawGlobals, elsewhere: homeOf });
  const timing = toTiming(globals.values.timing);
  const read = readServices({ file, source, raw: rawServices, globals: globals.values });
  const checked = read.services.map((service) => hush(service, globals.broken));
  const findings = [
    ...checkGlobals(globals.values, timing, globals.broken),
    ...checkAccounts(checked, globals.values.accounts, globals.broken),
    ...checkClaims(checked),
    ...checked.flatMap((service) => [
      ...checkLadders(service, timing),
      ...checkRecovering(service, timing),
      ...checkService(service, globals.values.controlUrl),
    ]),
  ];
  const problems = inOrder([
    ...globals.problems,
    ...read.problems,
    ...findings.map((finding) => problemOf(finding, file, source)),
  ]);
  if (problems.some(isError)) return { problems };
  const services = new Map(read.services.map(({ definition }) => [definition.name, definition]));
  return { settings: { ...toGlobals(globals.values), services }, warnings: problems };
}

const startFix = "Start from examples/minimal.yaml.";

function problemOf({ severity, path, message, fix }: Finding, file: string, source: YamlSource): Problem {
  return { severity, file, ...source.locate(path), field: fieldName(path), message, fix };
}

/** When `defaults` is wrong, what services would inherit from it is not reported as missing as well. */
function hush(service: CheckedService, broken: ReadonlySet<string>): CheckedService {
  if (!broken.has("defaults")) return service;
  return { ...service, broken: new Set([...service.broken, "region", "approvers", "account"]) };
}

interface ServicesInput {
  readonly file: string;
  readonly source: YamlSource;
  readonly raw: unknown;
  readonly globals: Partial<RawGlobals>;
}

function readServices({ file, source, raw, globals }: ServicesInput): {
  services: CheckedService[];
  problems: Problem[];
} {
  const problems: Problem[] = [];
  const services: CheckedService[] = [];
  const wrong = (path: readonly string[], message: string, fix: string) =>
    problems.push({ severity: "error", file, ...source.locate(path, "key"), field: fieldName(path), message, fix });
  if (raw === null || typeof raw !== "object" || Array.isArray(raw)) {
    const found = raw === undefined ? "is missing" : `found ${show(raw)}`;
    wrong(["services"], `${found}; needed: a mapping of services by name`, startFix);
    return { services, problems };
  }
  const timing = toTiming(globals.timing);
  if (Object.keys(raw).length === 0) {
    const where = source.locate(["services"], "key");
    const [message, fix] = ["no service is named: the bot would look after nothing", startFix];
    problems.push({ severity: "warning", file, ...where, field: "services", message, fix });
  }
  for (const [name, value] of Object.entries(raw as Record<string, unknown>)) {
    const named = serviceName.safeParse(name);
    if (!named.success) {
      const tame = name
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, "-")
        .replace(/^-+|-+$/g, "");
      wrong(["services", name], `found "${name}"; needed: ${named.error.issues[0]?.message}`, `Call it \`${tame}\`.`);
    }
    const base = ["services", name];
    const parts = parseParts(serviceSchema, { file, source, base, value: value ?? {}, elsewhere: homeOf });
    problems.push(...parts.problems);
    const definition = toService({
      name: name,
      raw: parts.values,
      defaults: globals.defaults ?? {},
      timing,
    });
    services.push({ definition, raw: parts.values, broken: parts.broken });
  }
  return { services, problems };
}

const homes: readonly { readonly where: string; readonly keys: readonly string[] }[] = [
  { where: "at the top level of the file", keys: [...Object.keys(globalsSchema.shape), "services"] },
  { where: "in a service, or in defaults for all of them", keys: Object.keys(globalsSchema.shape.defaults.shape) },
  { where: "in a service", keys: Object.keys(serviceSchema.shape) },
  { where: "under timing", keys: Object.keys(timingSchema.shape) },
];

/** Where a key lives that was written, perhaps misspelt, in the wrong place. */
function homeOf(key: string): string | undefined {
  const exact = homes.find(({ keys }) => keys.includes(key));
  if (exact !== undefined) return `\`${key}\` stands ${exact.where}.`;
  for (const { where, keys } of homes) {
    const meant = nearest(key, keys);
    if (meant !== undefined) return `Did you mean \`${meant}\`, which stands ${where}?`;
  }
  return undefined;
}
