import type { AccountPanel, AccountView, FaultKind } from "../../sandbox/page-protocol.ts";
import { start } from "./fixture.ts";

const calm: AccountView = {
  now: start + 23 * 60_000,
  speed: 1,
  region: "eu-west-1",
  drRegion: "eu-central-1",
  services: [
    {
      name: "web",
      description: "The public web shop",
      pattern: "instance",
      answers: "yes",
      answer: "200 OK",
      since: start,
      instanceId: "i-0f3a9c2e71b4d5a60",
      address: { publicIp: "198.51.100.17", heldBy: "i-0f3a9c2e71b4d5a60" },
      group: null,
      records: [],
      snapshots: [],
    },
    {
      name: "ledger",
      description: "Books payments",
      pattern: "standby",
      answers: "no",
      answer: "connection refused",
      since: start + 20 * 60_000,
      instanceId: "i-0b1c2d3e4f5061728",
      address: { publicIp: "198.51.100.18", heldBy: null },
      group: null,
      records: [],
      snapshots: [],
    },
  ],
  instances: [
    {
      id: "i-0f3a9c2e71b4d5a60",
      name: "web-1",
      service: "web",
      type: "m6i.large",
      region: "eu-west-1",
      az: "eu-west-1b",
      state: "running",
      systemCheck: "ok",
      instanceCheck: "ok",
      address: "198.51.100.17",
      marks: [],
      faults: [],
    },
    {
      id: "i-0b1c2d3e4f5061728",
      name: "ledger-1",
      service: "ledger",
      type: "t3.medium",
      region: "eu-west-1",
      az: "eu-west-1a",
      state: "stopping",
      systemCheck: "impaired",
      instanceCheck: "initializing",
      address: null,
      marks: [],
      faults: ["host-fails"],
    },
  ],
  alarms: [
    { name: "web-status-check", state: "OK", service: "web", reason: "", since: start },
    {
      name: "ledger-host",
      state: "ALARM",
      service: "ledger",
      reason: "StatusCheckFailed_System was 1 for 3 of 3 datapoints",
      since: start + 20 * 60_000,
    },
    { name: "ledger-latency", state: "INSUFFICIENT_DATA", service: "ledger", reason: "no datapoints", since: start },
  ],
  log: [
    { n: 1, at: start + 19 * 60_000, who: "you", text: "made the host of ledger-1 fail", level: "bad" },
    { n: 2, at: start + 20 * 60_000, who: "CloudWatch", text: "ledger-host: OK → ALARM", level: "bad" },
    { n: 3, at: start + 20 * 60_000 + 2_000, who: "SNS", text: "delivered to the bot, 200", level: "info" },
    { n: 4, at: start + 22 * 60_000, who: "medic", text: "StopInstances i-0b1c2d3e4f5061728", level: "info" },
    { n: 5, at: start + 22 * 60_000 + 30_000, who: "EC2", text: "web-1 answers again", level: "good" },
  ],
  faults: [
    ...(["i-0f3a9c2e71b4d5a60", "i-0b1c2d3e4f5061728"] as const).flatMap((target, index) =>
      (
        [
          ["kernel-hangs", "Kernel hangs"],
          ["host-fails", "Host fails"],
          ["process-dies", "Process dies"],
          ["stuck-stopping", "Stuck stopping"],
        ] as const
      ).map(([what, label]) => ({
        what,
        label,
        target,
        explanation: `${label} on ${target}`,
        active: index === 1 && what === "host-fails",
        mendable: what === "stuck-stopping",
      })),
    ),
    {
      what: "no-capacity",
      target: "account",
      label: "No capacity",
      explanation: "Launches fail.",
      active: false,
      mendable: true,
    },
    {
      what: "throttled",
      target: "account",
      label: "Throttled",
      explanation: "Every call is slowed.",
      active: true,
      mendable: true,
    },
  ],
  step: 2,
  notes: [],
  storm: null,
};

export interface PretendPanel extends AccountPanel {
  readonly done: string[];
  change(more: Partial<AccountView>): void;
}

/** An account that only remembers what was asked of it. */
export function pretendPanel(): PretendPanel {
  let view = calm;
  const done: string[] = [];
  const listeners = new Set<() => void>();
  const change = (more: Partial<AccountView>): void => {
    view = { ...view, ...more };
    listeners.forEach((listener) => listener());
  };
  const set = (what: FaultKind, target: string, active: boolean): void => {
    if (!view.faults.some((fault) => fault.what === what && fault.target === target)) {
      throw new Error(`There is nothing called ${target} to break.`);
    }
    done.push(`${active ? "break" : "mend"} ${what} ${target}`);
    change({
      faults: view.faults.map((fault) =>
        fault.what === what && fault.target === target ? { ...fault, active } : fault,
      ),
    });
  };
  return {
    done,
    change,
    view: () => view,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    break: (what, target) => set(what, target, true),
    mend: (what, target) => set(what, target, false),
    setSpeed(speed) {
      done.push(`speed ${speed}`);
      change({ speed });
    },
    async reset() {
      done.push("reset");
      change(calm);
    },
  };
}
