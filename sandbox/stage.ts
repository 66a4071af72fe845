/**
 * Where a scenario plays: the simulated account, the pretend Slack and the real bot between them, on one virtual clock. People
 * are scripted; time moves only when nothing is in flight.
 */
import type { Account } from "../src/memory/account.ts";
import type { MachineFault } from "../src/memory/accountFaults.ts";
import type { ServiceCase } from "../src/domain/serviceCase.ts";
import { sentence } from "../src/domain/reasons.ts";
import type { VirtualClock } from "../src/memory/virtualClock.ts";
import type { Mailbox } from "./aws/mailbox.ts";
import { plainOf, seen, type SeenMessage } from "./seen-message.ts";
import type { ActResult, SlackMessage } from "./slack/model.ts";
import { channelIds, people } from "./slack/workspace-state.ts";
import type { Workspace } from "./slack/workspace.ts";
import { settled } from "./settled.ts";
import type { Transcript } from "./transcript.ts";
import { sandboxServices, serviceNamed } from "./world.ts";

export type PersonName = keyof typeof people;

export interface Stage {
  readonly account: Account;
  /** The same account in the other region. */
  readonly dr: Account;
  readonly mailbox: Mailbox;
  /** On the machine that carries the service now. Only the person's words; what happens next is the bot's business. */
  break(fault: MachineFault, service: string): void;
  mend(fault: MachineFault, service: string): void;
  slackDown(): void;
  slackUp(): void;
  wait(ms: number): Promise<void>;
  /** The virtual clock, epoch ms. */
  now(): number;
  /** Lets time pass until it is so; throws ScenarioFailed when it is not so within the limit. */
  until(what: string, holds: () => boolean, withinMs: number): Promise<void>;
  /** Presses a button on the service's card by its label; says yes in a confirm dialog. */
  press(who: PersonName, service: string, label: string): Promise<ActResult>;
  command(who: PersonName, text: string): Promise<ActResult>;
  /** The newest card about this service as people see it; undefined before it is posted. */
  card(service: string): SeenMessage | undefined;
  /** How many top-level messages Slack shows that are about this service. */
  cardCount(service: string): number;
  /** All that only this person was told, oldest first. */
  told(who: PersonName): string[];
  /** As the bot has committed it. */
  caseOf(service: string): ServiceCase | undefined;
  phaseOf(service: string): ServiceCase["phase"]["kind"];
  answers(service: string): boolean;
  /** The machine that the service lives on now, as the bot has committed it, else the first of the day. */
  livesOn(service: string): string;
  counts(service: string): { readonly reboots: number; readonly stops: number; readonly starts: number };
  /** A fact that must be so now; throws ScenarioFailed. */
  expect(what: string, holds: boolean): void;
}

export class ScenarioFailed extends Error {}

export interface StageParts {
  readonly clock: VirtualClock;
  readonly account: Account;
  readonly dr: Account;
  readonly mailbox: Mailbox;
  readonly workspace: Workspace;
  readonly cases: ReadonlyMap<string, ServiceCase>;
  readonly transcript: Transcript;
}

/** A click is answered at once or never; the bot's own clock may tick meanwhile. */
const answerWithinMs = 10_000;

export function createStage(parts: StageParts): Stage {
  const { clock, account, workspace, transcript, cases } = parts;
  const expect = (what: string, holds: boolean): void => {
    if (!holds) throw new ScenarioFailed(`not so: ${what}`);
  };
  const stage: Stage = {
    account,
    dr: parts.dr,
    mailbox: parts.mailbox,
    break: (fault, service) => holderOf(parts, livesOn(parts, service)).break(fault, livesOn(parts, service)),
    mend: (fault, service) => holderOf(parts, livesOn(parts, service)).mend(fault, livesOn(parts, service)),
    slackDown: () => {
      transcript.line("world", "Slack is down");
      workspace.faults.setDown("unavailable");
    },
    slackUp: () => {
      transcript.line("world", "Slack is back");
      workspace.faults.setDown(false);
    },
    wait: (ms) => clock.advance(ms),
    now: () => clock.now(),
    until: async (what, holds, withinMs) => {
      if (!(await clock.runUntil(holds, withinMs))) {
        throw new ScenarioFailed(`did not happen within ${Math.round(withinMs / 1000)} s: ${what}`);
      }
    },
    press: (who, service, label) => press(parts, { who, service, label }),
    command: async (who, text) => {
      transcript.line(nameOf(who), text);
      const acted = workspace.act.command({ user: people[who], channel: channelIds.opsAlerts, text });
      return answered(clock, acted);
    },
    card: (service) => {
      const message = cardOf(parts, service);
      return message === undefined ? undefined : seen(message);
    },
    cardCount: (service) =>
      [...workspace.core.state.channels.keys()]
        .flatMap((channel) => workspace.messages(channel))
        .filter((each) => each.botId !== null && each.threadTs === null && seen(each).title.startsWith(service)).length,
    told: (who) => workspace.ephemeral(people[who]).map((each) => seen(each).body || plainOf(each.text)),
    caseOf: (service) => cases.get(service),
    phaseOf: (service) => cases.get(service)?.phase.kind ?? "idle",
    answers: (service) => answersNow(account, service),
    livesOn: (service) => livesOn(parts, service),
    counts: (service) => account.countOf(serviceNamed(service).instanceId),
    expect,
  };
  return stage;
}

function livesOn({ cases, account }: StageParts, service: string): string {
  const known = cases.get(service)?.placement.instanceId;
  const { group, instanceId } = serviceNamed(service);
  const members = group === undefined ? [] : account.peek.group(group).members;
  return known ?? members.find((member) => member.lifecycle === "InService")?.id ?? instanceId;
}

function holderOf({ account, dr }: StageParts, instanceId: string): Account {
  return account.peek.machines().some((machine) => machine.id === instanceId) ? account : dr;
}

function nameOf(who: PersonName): string {
  return who.charAt(0).toUpperCase() + who.slice(1);
}

function answersNow(account: Account, service: string): boolean {
  const answer = account.peek.site(serviceNamed(service).host);
  return answer.kind === "answers" && answer.status < 400;
}

function cardOf(parts: StageParts, service: string): SlackMessage | undefined {
  const shown = parts.cases.get(service)?.shown;
  if (shown === undefined) return undefined;
  return parts.workspace.core.message(shown.channel, shown.ts);
}

async function press(
  parts: StageParts,
  wish: { readonly who: PersonName; readonly service: string; readonly label: string },
): Promise<ActResult> {
  const { workspace, transcript, clock } = parts;
  const message = cardOf(parts, wish.service);
  const button = message && seen(message).buttons.find((each) => each.label === wish.label);
  if (message === undefined || button === undefined) {
    const there =
      message === undefined
        ? "no card"
        : seen(message)
            .buttons.map((each) => each.label)
            .join(", ");
    throw new ScenarioFailed(`${wish.service}'s card has no button "${wish.label}" (there is: ${there})`);
  }
  transcript.line(nameOf(wish.who), `presses ${wish.label} on ${wish.service}`);
  const act = {
    user: people[wish.who],
    channel: message.channel,
    ts: message.ts,
    actionId: button.actionId,
    value: button.value,
  };
  const first = await answered(clock, workspace.act.click(act));
  if (first.kind !== "confirm") return first;
  transcript.line("Slack", `asks ${nameOf(wish.who)}: ${plainOf(first.dialog.title)} ${plainOf(first.dialog.text)}`);
  transcript.line(nameOf(wish.who), `says ${first.dialog.confirm}`);
  return answered(clock, workspace.act.confirm(act));
}

async function answered(clock: VirtualClock, acted: Promise<ActResult>): Promise<ActResult> {
  const result = await settled(clock, acted, answerWithinMs);
  if (result === undefined) throw new ScenarioFailed("a click was never answered");
  return result;
}

/** How each service stands, in one line each; only those that something happened to. */
export function finalState(stage: Stage): string[] {
  return sandboxServices.flatMap(({ name }) => {
    const current = stage.caseOf(name);
    if (current === undefined || current.phase.kind === "idle") return [];
    const { reboots, stops, starts } = stage.counts(name);
    const done = `${times(reboots, "reboot")}, ${times(stops, "stop")}, ${times(starts, "start")}`;
    return [`${name}: ${stage.answers(name) ? "answers" : "does not answer"}; ${phaseLine(current)}; ${done}`];
  });
}

function phaseLine(current: ServiceCase): string {
  const { phase } = current;
  if (phase.kind === "resolved") return `resolved (${phase.how})`;
  if (phase.kind === "needs-person") return `needs-person: ${sentence(phase.reason)}`;
  return phase.kind;
}

function times(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
