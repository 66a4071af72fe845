import type { Account } from "../src/memory/account.ts";
import type { ScaledClock } from "../src/memory/scaledClock.ts";
import type { Mailbox } from "./aws/mailbox.ts";
import type {
  AccountPanel,
  AccountView,
  AlarmView,
  ClockSpeed,
  FirstStep,
  LogLine,
  ServiceView,
} from "./page-protocol.ts";
import { breakIt, faultViews, mendIt } from "./panel-faults.ts";
import { instanceView, isWell, serviceView } from "./panel-views.ts";
import {
  alarmTopic,
  drRegion,
  sandboxServices,
  serviceOfAlarm,
  type SandboxAccounts,
  type SandboxService,
} from "./world.ts";

export interface AccountPanelParts {
  /** The accounts and mailbox of now: a reset brings new ones, see `replaced`. */
  readonly world: () => { readonly account: Account; readonly dr: Account; readonly mailbox: Mailbox };
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
    const { account, dr, mailbox } = parts.world();
    const leave = [
      account.onLine((line) => {
        addLine(state, { ...line, who: line.who === "world" ? "you" : line.who });
        changed();
      }),
      dr.onLine((line) => {
        const text = `${line.text} (${dr.region})`;
        addLine(state, { ...line, text, who: line.who === "world" ? "you" : line.who });
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
    break: async (what, target) => {
      await breakIt(accountsOf(parts), what, target);
      state.hasBroken = true;
      changed();
    },
    mend: (what, target) => {
      mendIt(accountsOf(parts), what, target);
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

function accountsOf(parts: AccountPanelParts): SandboxAccounts {
  const { account: home, dr } = parts.world();
  return { home, dr };
}

function viewOf(parts: AccountPanelParts, state: PanelState): AccountView {
  const accounts = accountsOf(parts);
  const { home, dr } = accounts;
  return {
    now: parts.clock.now(),
    speed: parts.clock.factor() as ClockSpeed,
    region: home.region,
    drRegion,
    services: sandboxServices.map((each) => timed(parts, state, each)),
    instances: [home, dr].flatMap((account) =>
      account.peek.machines().map((machine) => instanceView(account, machine)),
    ),
    alarms: home.peek.alarms().map((alarm): AlarmView => ({
      name: alarm.definition.name,
      state: alarm.state,
      service: serviceOfAlarm(alarm.definition.name),
      reason: alarm.reason,
      since: alarm.changedAt,
    })),
    log: state.lines,
    faults: faultViews(accounts),
    step: stepOf(parts, state),
    notes: state.notes,
    storm: parts.storm(),
  };
}

function timed(parts: AccountPanelParts, state: PanelState, each: SandboxService): ServiceView {
  const seen = serviceView(accountsOf(parts), each, parts.clock.now());
  const known = state.since.get(each.name);
  if (known?.answer === seen.answer) return { ...seen, since: known.at };
  state.since.set(each.name, { answer: seen.answer, at: seen.since });
  return seen;
}

/** The strip only moves forward, until everything is well again. */
function stepOf(parts: AccountPanelParts, state: PanelState): FirstStep {
  const { home, dr } = accountsOf(parts);
  const writes = [...home.writes, ...dr.writes];
  const acted = writes.some((each) => each.who === "medic" && each.outcome === "accepted");
  const allAnswer = sandboxServices.every((each) => isWell(home.peek.site(each.host)));
  let step: FirstStep = 1;
  if (state.hasBroken) step = 2;
  if (state.hasBroken && parts.cardIsThere()) step = 3;
  if (acted) step = allAnswer ? 5 : 4;
  if (step > state.highestStep) state.highestStep = step;
  return state.highestStep;
}
