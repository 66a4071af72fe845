/**
 * Verbs that order a recovery. Said alone, one shows what it would do here and now, and what to type to let it go: what stops or
 * replaces a machine must not start because a word was tried out. Consents stand before `go`; everything behind it is the reason.
 */
import { recoveryWords } from "../src/domain/cardWords.ts";
import { newCase } from "../src/domain/newCase.ts";
import { optionsOf, orderName } from "../src/domain/orderWords.ts";
import type { ServiceCase } from "../src/domain/serviceCase.ts";
import type { OrderOption, Recovery, ServiceName } from "../src/domain/words.ts";
import { NotUnderstood, type Answer, type CommandContext, type Verb } from "./context.ts";
import { handIn } from "./outcome.ts";
import { previewCard } from "./previewCard.ts";
import { serviceNamed } from "./serviceArgument.ts";

export interface OrderVerbDefinition {
  readonly name: string;
  readonly recovery: Recovery;
  /** Said before `go`, it means another recovery: `reprovision SERVICE dr`. */
  readonly variants?: Readonly<Record<string, Recovery>>;
  readonly summary: string;
}

/** What was typed behind the service's name. */
export interface Wanted {
  readonly recovery: Recovery;
  readonly options: readonly OrderOption[];
  readonly amount?: number;
  readonly go: boolean;
  readonly why: string;
  /** The same line up to `go`, to be typed again. */
  readonly line: string;
}

export function orderVerb(definition: OrderVerbDefinition): Verb {
  const { name, recovery, variants = {}, summary } = definition;
  const words = [
    ...Object.keys(variants).map((word) => `[${word}]`),
    ...optionsOf(recovery).map((option) => `[${option}]`),
    ...(takesAmount(recovery) ? ["[MAXIMUM]"] : []),
  ];
  const verb: Verb = {
    name,
    usage: [name, "SERVICE", ...words, "[go [reason]]"].join(" "),
    summary,
    who: "everybody sees what it would do; `go` is for an approver of the service",
    orders: `without \`go\` nothing; with it ${recoveryWords(recovery).name}, beside the ladder when it is not the next rung`,
    async run(ctx, [word, ...rest]) {
      const service = await serviceNamed(ctx, verb, word);
      const wanted = wantedOf(definition, service, rest);
      const missing = whyNot(ctx, service, wanted);
      if (missing !== undefined) throw new NotUnderstood([missing]);
      return wanted.go ? order(ctx, service, wanted) : show(ctx, service, wanted);
    },
  };
  return verb;
}

function takesAmount(recovery: Recovery): boolean {
  return recovery === "raise-max";
}

function wantedOf(
  { name, recovery: first, variants = {} }: OrderVerbDefinition,
  service: string,
  rest: readonly string[],
): Wanted {
  let recovery = first;
  let amount: number | undefined;
  const options: OrderOption[] = [];
  const all = [first, ...Object.values(variants)].flatMap(optionsOf);
  let taken = 0;
  for (const typed of rest) {
    const word = typed.toLowerCase();
    const variant = variants[word];
    const option = all.find((each) => each === word);
    if (variant !== undefined) recovery = variant;
    else if (option !== undefined) options.push(option);
    else if (takesAmount(first) && /^[1-9]\d{0,3}$/.test(word)) amount = Number(word);
    else break;
    taken += 1;
  }
  const go = rest[taken]?.toLowerCase() === "go";
  const line = ["/medic", name, service, ...rest.slice(0, taken)].join(" ");
  const why = rest.slice(go ? taken + 1 : taken).join(" ");
  return { recovery, options, ...(amount === undefined ? {} : { amount }), go, why, line };
}

/** Why this cannot be meant, before anything is read. */
function whyNot(
  ctx: CommandContext,
  service: ServiceName,
  { recovery, options, go, amount, line }: Wanted,
): string | undefined {
  const { name } = recoveryWords(recovery);
  const choices = ctx.choices(service);
  if (!choices.includes(recovery)) {
    const pattern = ctx.settings.services.get(service)?.pattern;
    if (pattern === undefined) return `${service} is gone from medic.yaml, so nothing can be ordered for it.`;
    const there = choices.map((each) => recoveryWords(each).name).join(", ");
    return `${service} is built as ${pattern}, which knows no ${name}. It has: ${there || "nothing"}.`;
  }
  const foreign = options.find((option) => !optionsOf(recovery).includes(option));
  if (foreign !== undefined) return `${name} does not know ${foreign}.`;
  if (go && takesAmount(recovery) && amount === undefined) return `Say the new maximum: \`${line} 5 go\`.`;
  return undefined;
}

async function order(
  ctx: CommandContext,
  service: ServiceName,
  { recovery, options, amount, why }: Wanted,
): Promise<Answer> {
  const by = await ctx.asker(service);
  return handIn(ctx, service, {
    kind: "order",
    by,
    recovery,
    why,
    ...(options.length > 0 ? { options } : {}),
    ...(amount === undefined ? {} : { amount }),
  });
}

async function show(ctx: CommandContext, service: ServiceName, wanted: Wanted): Promise<Answer> {
  const { recovery, options, amount } = wanted;
  const chosen = { options, ...(amount === undefined ? {} : { amount }) };
  const [preview, loaded, asker] = await Promise.all([
    ctx.preview(service, recovery, chosen),
    ctx.cases.load(service),
    ctx.asker(service),
  ]);
  const current = loaded ?? unseen(ctx, service);
  const title = `${service}: ${orderName({ recovery, ...chosen })}`;
  return previewCard({ current, preview, wanted, title, asker });
}

/** Nothing ever happened to it, so that it has no case yet. */
function unseen({ settings }: CommandContext, service: ServiceName): ServiceCase {
  const defined = settings.services.get(service);
  if (defined === undefined) throw new NotUnderstood([`${service} is gone from medic.yaml.`]);
  return newCase(service, { scope: defined.scope, region: defined.region });
}
