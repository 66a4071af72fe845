/** Which service is meant: by its name, with a suggestion when it is nearly one. */
import type { ServiceCase } from "../src/domain/serviceCase.ts";
import type { Piece } from "../src/domain/text.ts";
import type { ServiceName } from "../src/domain/words.ts";
import { nearest } from "../src/domain/nearest.ts";
import { NotUnderstood, type CommandContext, type Verb } from "./context.ts";

/** Services that are listed when none was named; more would not be read. */
const namedMax = 10;

/** The service's name; also one that only has a case left (gone from medic.yaml). Throws NotUnderstood. */
export async function serviceNamed(
  ctx: CommandContext,
  verb: Pick<Verb, "name" | "usage">,
  word: string | undefined,
): Promise<ServiceName> {
  if (word === undefined) throw new NotUnderstood(await whichOne(ctx, verb));
  const wanted = word.replace(/^[`"'<]+|[`"'>]+$/g, "");
  const names = [...ctx.settings.services.keys()];
  const exact =
    names.find((name) => name === wanted) ?? names.find((name) => name.toLowerCase() === wanted.toLowerCase());
  if (exact !== undefined) return exact;
  const left = await ctx.cases.load(wanted as ServiceName).catch(() => undefined);
  if (left !== undefined) return left.service;
  const near = nearest(wanted, names);
  throw new NotUnderstood([
    "There is no service ",
    { code: wanted },
    near === undefined ? ". " : ". Did you mean ",
    ...(near === undefined ? [] : [{ code: `/medic ${verb.name} ${near}` }, "?"]),
    ...(near === undefined ? serviceList(names) : []),
  ]);
}

function serviceList(names: readonly string[]): Piece[] {
  if (names.length === 0) return ["medic.yaml names no service."];
  const shown = names
    .slice(0, namedMax)
    .flatMap((name, index): Piece[] => [...(index > 0 ? [", "] : []), { code: name }]);
  return ["Services: ", ...shown, names.length > namedMax ? ` and ${names.length - namedMax} more.` : "."];
}

async function whichOne(ctx: CommandContext, verb: Pick<Verb, "name" | "usage">): Promise<Piece[]> {
  const open = await openCases(ctx);
  const usage: Piece[] = ["Say which service: ", { code: `/medic ${verb.usage}` }, "."];
  if (open.length === 0) return [...usage, " No incident is open."];
  const lines = open
    .slice(0, namedMax)
    .flatMap((current): Piece[] => ["\n", { code: `/medic ${verb.name} ${current.service}` }]);
  return [...usage, " Open now:", ...lines];
}

export function isOpen(current: ServiceCase): boolean {
  const { kind } = current.phase;
  return current.incident !== undefined && kind !== "idle" && kind !== "resolved";
}

export async function openCases(ctx: CommandContext): Promise<ServiceCase[]> {
  const open: ServiceCase[] = [];
  for await (const current of ctx.cases.all()) if (isOpen(current)) open.push(current);
  return open.sort((a, b) => (a.incident?.openedAt ?? 0) - (b.incident?.openedAt ?? 0));
}
