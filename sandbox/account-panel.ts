import type { Account } from "../src/memory/account.ts";
import type { MachineView } from "../src/memory/accountModel.ts";
import type { ScaledClock } from "../src/memory/scaledClock.ts";
import type { SiteAnswer } from "../src/memory/sites.ts";
import type { Mailbox } from "./aws/mailbox.ts";
import type {
  AccountPanel,
  AccountView,
  AlarmView,
  ClockSpeed,
  FirstStep,
  InstanceView,
  LogLine,
  ServiceView,
} from "./page-protocol.ts";
import { breakIt, faultViews, machineFaultKinds, mendIt } from "./panel-faults.ts";
import { alarmTopic, sandboxServices, serviceOfAlarm, type SandboxService } from "./world.ts";

export interface AccountPanelParts {
  /** The account and mailbox of now: a reset brings new ones, see `replaced`. */
  readonly world: () => { readonly account: Account; readonly mailbox: Mailbox };
  readonly clock: ScaledClock;
  /** Whether Slack shows a card by now; for the first-steps strip. */
  readonly cardIsThere: () => boolean;
  /** One sentence while a storm holds the autopilot. */
  readonly storm: () => string | null;
  /** Brings everything back to the starting day. */
  readonly reset: () => Promise<void>;
}

export interface LiveAccountPanel extends AccountPanel {
  /** Notices what changes by itself, until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** To be called when `world` answers another account. */
  replaced(note: string): void;
  /** A line of the log that is not the account's own. */
  note(who: string, text: string, level?: LogLine["level"]): void;
}

const linesMax = 200;
/** How often, in real time, the panel looks whether services still answer. */
const lookMs = 500;

interface PanelState {
  lines: LogLine[];
  lineCount: number;
  notes: string[];
  hasBroken: boolean;
  highestStep: FirstStep;
  readonly since: Map<string, { answer: string; at: number }>;
  readonly listeners: Set<() => void>;
  stopListening: () => void;
}

export function createAccountPanel(parts: AccountPanelParts): LiveAccountPanel {
  const state: PanelState = {
    lines: [],
    lineCount: 0,
    notes: [],
    hasBroken: false,
    highestStep: 1,
    since: new Map(),
    listeners: new Set(),
    stopListening: () => undefined,
  };
  const changed = (): void => state.listeners.forEach((listener) => listener());
  const note = (who: string, text: string, level: LogLine["level"] = "info"): void => {
    addLine(state, { at: parts.clock.now(), who, text, level });
    changed();
  };
  const listen = (): void => {
    const { account, mailbox } = parts.world();
    const leave = [
      account.onLine((line) => {
        addLine(state, { ...line, who: line.who === "world" ? "you" : line.who });
        changed();
      }),
      mailbox.onMail((mail) => note("SNS", `e-mail: ${mail.subject}`)),
      account.subscribe(alarmTopic, (message) => note("SNS", `delivers ${message.subject ?? "a notice"}`)),
    ];
    state.stopListening = () => leave.forEach((stop) => stop());
  };
  listen();
  return {
    view: () => viewOf(parts, state),
    onChange: (listener) => {
      state.listeners.add(listener);
      return () => state.listeners.delete(listener);
    },
    break: (what, target) => {
      breakIt(parts.world().account, what, target);
      state.hasBroken = true;
      changed();
    },
    mend: (what, target) => {
      mendIt(parts.world().account, what, target);
      changed();
    },
    setSpeed: (speed) => {
      parts.clock.setFactor(speed);
      note("you", `the clock runs ×${speed}`);
    },
    reset: () => parts.reset(),
    replaced: (text) => {
      state.stopListening();
      Object.assign(state, { lines: [], notes: [text], hasBroken: false, highestStep: 1 });
      state.since.clear();
      listen();
      changed();
    },
    note,
    run: async (signal) => {
      let before = "";
      while (!signal.aborted) {
        await parts.clock.sleep(lookMs * parts.clock.factor(), signal);
        const seen = fingerprint(parts, state);
        if (seen !== before) changed();
        before = seen;
      }
    },
  };
}

function addLine(state: PanelState, line: Omit<LogLine, "n">): void {
  state.lineCount += 1;
  state.lines = [...state.lines, { n: state.lineCount, ...line }].slice(-linesMax);
}

/** Everything that changes without a line of its own. */
function fingerprint(parts: AccountPanelParts, state: PanelState): string {
  const view = viewOf(parts, state);
  return JSON.stringify([view.services, view.instances, view.alarms, view.step, view.storm, view.faults]);
}

function viewOf(parts: AccountPanelParts, state: PanelState): AccountView {
  const { account } = parts.world();
  return {
    now: parts.clock.now(),
    speed: parts.clock.factor() as ClockSpeed,
    region: account.region,
    services: sandboxServices.map((each) => serviceView(parts, state, each)),
    instances: account.peek.machines().map((machine) => instanceView(account, machine)),
    addresses: account.peek.addresses().map((each) => ({
      allocationId: each.allocationId,
      publicIp: each.publicIp,
      instanceId: each.instanceId ?? null,
      service: sandboxServices.find((one) => one.elasticIp?.allocationId === each.allocationId)?.name ?? null,
    })),
    alarms: account.peek.alarms().map((alarm): AlarmView => ({
      name: alarm.definition.name,
      state: alarm.state,
      service: serviceOfAlarm(alarm.definition.name),
      reason: alarm.reason,
      since: alarm.changedAt,
    })),
    log: state.lines,
    faults: faultViews(account),
    step: stepOf(parts, state),
    notes: state.notes,
    storm: parts.storm(),
  };
}

function serviceView(parts: AccountPanelParts, state: PanelState, each: SandboxService): ServiceView {
  const { account } = parts.world();
  const answer = account.peek.site(each.host);
  const said = sentenceOf(answer);
  const known = state.since.get(each.name);
  const since = known?.answer === said ? known.at : parts.clock.now();
  if (known?.answer !== said) state.since.set(each.name, { answer: said, at: since });
  return {
    name: each.name,
    description: each.description,
    pattern: each.pattern,
    answers: answer.kind === "answers" && answer.status < 400 ? "yes" : "no",
    answer: said,
    since,
    instanceId: carrierOf(account, each),
  };
}

/** Who answers now; while nobody does, who would. */
function carrierOf(account: Account, each: SandboxService): string | null {
  const answer = account.peek.site(each.host);
  if (answer.kind === "answers" && answer.by !== undefined) return answer.by;
  const holder = account.peek.addresses().find((one) => one.allocationId === each.elasticIp?.allocationId);
  return holder?.instanceId ?? each.instanceIds[0] ?? null;
}

/** By the group that it is a member of, else by the service that it belonged to when the day began, else by its name. */
function serviceOf(machine: MachineView): string | null {
  const found =
    sandboxServices.find((each) => each.group !== undefined && each.group === machine.asgName) ??
    sandboxServices.find((each) => each.instanceIds.includes(machine.id)) ??
    sandboxServices.find((each) => each.name === machine.tags["Name"]);
  return found?.name ?? null;
}

function sentenceOf(answer: SiteAnswer): string {
  switch (answer.kind) {
    case "answers":
      return answer.status < 400 ? `${answer.status} OK` : `${answer.status} ${answer.body}`;
    case "refused":
      return "connection refused";
    case "silent":
      return "no answer";
    case "unknown-host":
      return "unknown host";
  }
}

function instanceView(account: Account, machine: MachineView): InstanceView {
  const running = machine.state === "running";
  const check = (which: "system" | "instance"): InstanceView["systemCheck"] => {
    const value = running ? machine.checks?.[which] : undefined;
    return value === undefined || value === "unknown" ? "none" : value;
  };
  return {
    id: machine.id,
    name: machine.name,
    service: serviceOf(machine),
    type: machine.type,
    az: machine.availabilityZone,
    state: machine.state,
    systemCheck: check("system"),
    instanceCheck: check("instance"),
    address: machine.publicIp ?? null,
    faults: machineFaultKinds.filter((kind) => account.faultsOf(machine.id).includes(kind)),
  };
}

/** The strip only moves forward, until everything is well again. */
function stepOf(parts: AccountPanelParts, state: PanelState): FirstStep {
  const { account } = parts.world();
  const acted = account.writes.some((each) => each.who === "medic" && each.outcome === "accepted");
  const allAnswer = sandboxServices.every((each) => {
    const answer = account.peek.site(each.host);
    return answer.kind === "answers" && answer.status < 400;
  });
  let step: FirstStep = 1;
  if (state.hasBroken) step = 2;
  if (state.hasBroken && parts.cardIsThere()) step = 3;
  if (acted) step = allAnswer ? 5 : 4;
  if (step > state.highestStep) state.highestStep = step;
  return state.highestStep;
}
