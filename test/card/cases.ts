/** Cases in every state that people see, built by hand: the card is a projection, so it needs no engine. */
import { newCase } from "../../src/domain/newCase.ts";
import type { Rung, ServiceDefinition } from "../../src/domain/service.ts";
import type { BadSignal, Incident, Order, Person, Proposal, ServiceCase } from "../../src/domain/serviceCase.ts";
import { defaultTiming } from "../../src/domain/timing.ts";
import type { Settings } from "../../src/domain/settings.ts";
import { reason } from "../../src/domain/reasons.ts";
import type { RunView } from "../../src/domain/runView.ts";
import type { Dossier } from "../../src/domain/dossier.ts";
import type { Preview } from "../../src/domain/preview.ts";
import type {
  AllocationId,
  IncidentId,
  InstanceId,
  Recovery,
  RunId,
  Scope,
  ServiceName,
} from "../../src/domain/words.ts";

/** 2026-11-21 14:21:00 UTC */
export const t0 = Date.UTC(2026, 10, 21, 14, 21, 0);
export const minute = 60_000;
export const now = t0 + 4 * minute;

export const shopWeb = "shop-web" as ServiceName;
export const incidentId = "shop-web/2026-11-21T14:21" as IncidentId;
export const instanceId = "i-0f3a9c2e71b4d5a60" as InstanceId;
export const mira: Person = { id: "U0MIRA", name: "Mira Okafor" };
export const noor: Person = { id: "U0NOOR", name: "Noor Haddad" };

export const rung: Rung = {
  recovery: "restart",
  mode: "auto",
  vetoMs: 5 * minute,
  approvals: 1,
  limitMs: 20 * minute,
};

export const service: ServiceDefinition = {
  name: shopWeb,
  description: "the shop's front",
  owner: "Platform",
  account: "123456789012",
  region: "eu-west-1",
  scope: "123456789012/eu-west-1" as Scope,
  pattern: "instance",
  target: { kind: "instance", instanceId },
  watchProbe: false,
  runbook: "https://wiki.example.com/runbooks/shop-web",
  alarms: [{ name: "shop-web-*" }],
  channel: "C0OPSALERTS",
  mentionGroup: "S0ONCALL",
  secondChannel: "C0OPSSECOND",
  approvers: { users: [], groups: ["S0PLATFORM"] },
  requireOther: false,
  fence: "stop",
  targetGroups: [],
  scaleStep: 1,
  quarantine: "tell",
  ladders: { host: [rung], os: [rung], down: [rung] },
};

export const settings: Settings = {
  services: new Map([[shopWeb, service]]),
  timing: defaultTiming,
  accounts: new Map(),
  defaultChannel: "C0OPSALERTS",
  digest: { cron: "0 8 * * *", timeZone: "UTC", enabled: true },
};

export const badHost: BadSignal = {
  subject: "shop-web-system-check",
  symptom: "host",
  evidenceKind: "ec2",
  since: t0 - minute,
  reason: "Threshold Crossed: 2 datapoints were greater than or equal to the threshold (1.0)",
  instanceId,
  alarmArn: "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:shop-web-system-check",
};

export const incident: Incident = {
  id: incidentId,
  openedAt: t0,
  symptom: "host",
  ladder: [rung],
  highestActed: -1,
  toldAt: t0 + 1000,
  reminders: 0,
  reopened: 0,
  refusedRungs: [],
};

export const proposal: Proposal = {
  number: 3,
  recovery: "restart",
  rung: 0,
  mode: "auto",
  sinceCard: 1,
  madeAt: t0,
  factsAt: t0,
  vetoMs: 5 * minute,
  vetoUntil: t0 + 11 * minute,
  approvalsNeeded: 1,
  approvals: [],
  limitMs: 20 * minute,
};

export const order: Order = {
  by: { kind: "person", person: mira },
  why: "",
  proposal: 3,
  recovery: "restart",
  rung: 0,
  limitMs: 20 * minute,
  at: now,
  approvals: [{ by: mira, at: now }],
};

const runId = "shop-web/1" as RunId;

export const run: RunView = {
  runId,
  title: "restart shop-web",
  startedAt: now,
  estimateMs: 4 * minute,
  order,
  steps: [
    { name: "stop the instance", status: "done", begunAt: now, doneAt: now + 41_000, detail: "stopped" },
    { name: "start the instance", status: "begun", begunAt: now + 41_000, waitsFor: "state running" },
    { name: "both status checks pass", status: "pending" },
  ],
};

export const dossier: Dossier = {
  chart: {
    title: "StatusCheckFailed_System (shop-web)",
    points: [0, 0, 0, 1, 1].map((value, index) => ({ label: `14:${17 + index} UTC`, value })),
    threshold: 1,
  },
  instance: {
    type: "m6i.large",
    availabilityZone: "eu-west-1b",
    state: "running",
    publicIp: "203.0.113.7",
    hasElasticIp: false,
    hasInstanceStore: true,
  },
};

const open: ServiceCase = {
  ...newCase(shopWeb, { scope: service.scope, region: "eu-west-1", instanceId }),
  rev: 2,
  cardVersion: 2,
  proposalCount: 3,
  bad: [badHost],
  incident,
  phase: { kind: "proposing", since: t0, proposal },
};

const lastRun = {
  runId,
  recovery: "restart",
  endedAt: now + 3 * minute,
  acted: true,
  automatic: false,
  outcome: "done",
} as const;

const byRule: Order = { ...order, by: { kind: "rule", rule: "veto-ended" }, why: "veto-ended", approvals: [] };

const rebootHelped: RunView["steps"] = [
  {
    name: "the instance is rebooted and well",
    status: "done",
    begunAt: now,
    doneAt: now + 90_000,
    detail: "probe good",
  },
  { name: "the instance is stopped", status: "skipped", detail: "the reboot helped" },
  { name: "the instance is started again", status: "skipped", detail: "the reboot helped" },
  { name: "the service answers", status: "skipped", detail: "the reboot helped" },
];

/** Every state that a card has, with the name that a person would give it. */
export const states: Readonly<Record<string, { current: ServiceCase; run?: RunView; dossier?: Dossier }>> = {
  "first card, nobody told yet": {
    current: {
      ...open,
      phase: { kind: "proposing", since: t0, proposal: withoutVeto(proposal) },
      incident: { ...incident },
    },
  },
  "auto, clock running": { current: open },
  "auto, with dossier and evidence": {
    dossier,
    current: {
      ...open,
      incident: {
        ...incident,
        ack: { by: mira, at: now },
        readings: [
          { kind: "ec2", verdict: "bad", readAt: now, detail: "system check impaired since 14:20" },
          { kind: "probe", verdict: "bad", readAt: now, detail: "connection refused" },
        ],
        changes: ["14:02 launched", "13:58 stopped: User initiated"],
      },
    },
  },
  "approve, two people needed": {
    current: {
      ...open,
      placement: { ...open.placement, allocationId: "eipalloc-1" as AllocationId },
      phase: {
        kind: "proposing",
        since: t0,
        proposal: {
          ...withoutVeto(proposal),
          mode: "approve",
          approvalsNeeded: 2,
          approvals: [{ by: mira, at: now }],
        },
      },
    },
  },
  observe: {
    current: {
      ...open,
      phase: { kind: "proposing", since: t0, proposal: { ...withoutVeto(proposal), mode: "observe" } },
    },
  },
  "told only, no ladder": {
    current: {
      ...open,
      incident: { ...incident, symptom: "warning", ladder: [] },
      phase: { kind: "proposing", since: t0, proposal: { ...withoutVeto(proposal), mode: "observe", rung: -1 } },
    },
  },
  "stopped by a person": {
    current: {
      ...open,
      incident: { ...incident, stoppedByPerson: true },
      phase: { kind: "proposing", since: t0, proposal: { ...withoutVeto(proposal), mode: "approve" } },
    },
  },
  "its instance is terminated": {
    current: {
      ...open,
      phase: {
        kind: "needs-person",
        since: now,
        reason: reason("instance-terminated", {
          instance: instanceId,
          said: "User initiated (2026-11-21 14:19:02 GMT)",
        }),
      },
    },
  },
  held: { current: { ...open, hold: { by: mira, at: now, until: now + 30 * minute, why: "deploy is going on" } } },
  "blocked by the kill switch": { current: { ...open, blocked: reason("blocked-switch-off") } },
  "blocked by thin evidence": {
    current: { ...open, blocked: reason("blocked-evidence", { detail: "only ec2 says bad" }) },
  },
  confirming: {
    current: {
      ...open,
      phase: { kind: "confirming", since: now, deadline: now + 3 * minute, proposal, order, reading: 1 },
    },
  },
  recovering: {
    run,
    current: {
      ...open,
      phase: { kind: "recovering", since: now, deadline: now + 20 * minute, runId, order, acted: true },
    },
  },
  "recovering, stop asked": {
    run,
    current: {
      ...open,
      phase: {
        kind: "recovering",
        since: now,
        deadline: now + 20 * minute,
        runId,
        order,
        acted: true,
        stopAsked: { by: noor, at: now },
      },
    },
  },
  verifying: {
    run: { ...run, steps: run.steps.map((step) => ({ ...step, status: "done" as const, doneAt: now + 90_000 })) },
    current: {
      ...open,
      phase: {
        kind: "verifying",
        since: now,
        deadline: now + 5 * minute,
        runId,
        order,
        goodCount: 2,
        goodSince: now,
        waitingForAlarm: "shop-web-system-check",
      },
    },
  },
  "verifying after a reboot that helped": {
    run: { ...run, steps: rebootHelped },
    current: {
      ...open,
      phase: { kind: "verifying", since: now, deadline: now + 5 * minute, runId, order: byRule, goodCount: 1 },
    },
  },
  "recovered by a reboot that nobody ordered": {
    run: { ...run, steps: rebootHelped, order: byRule },
    current: {
      ...open,
      bad: [],
      lastRun: { ...lastRun, automatic: true },
      phase: { kind: "resolved", at: now + 5 * minute, how: "recovered", windowUntil: now + 65 * minute },
    },
  },
  recovered: {
    run: { ...run, steps: run.steps.map((step) => ({ ...step, status: "done" as const, doneAt: now + 90_000 })) },
    current: {
      ...open,
      bad: [],
      lastRun,
      phase: { kind: "resolved", at: now + 5 * minute, how: "recovered", windowUntil: now + 65 * minute },
    },
  },
  "cleared by itself": {
    current: {
      ...open,
      bad: [],
      phase: { kind: "resolved", at: now + minute, how: "cleared", windowUntil: now + 61 * minute },
    },
  },
  "closed by a person": {
    current: {
      ...open,
      bad: [],
      phase: { kind: "resolved", at: now + minute, how: "closed", windowUntil: now },
      entries: [
        {
          n: 9,
          at: now,
          incident: incidentId,
          reason: reason("closed-by-person", { by: "Mira Okafor", why: "replaced by hand" }),
        },
      ],
    },
  },
  over: { current: { ...open, bad: [], lastRun, phase: { kind: "idle" } } },
  "needs a person after a failed run": {
    run: {
      ...run,
      steps: run.steps.map((step, index) =>
        index === 1 ? { ...step, status: "failed" as const, detail: "still stopping", doneAt: now + 300_000 } : step,
      ),
    },
    current: {
      ...open,
      lastRun: { ...lastRun, outcome: "failed" },
      phase: {
        kind: "needs-person",
        since: now,
        reason: reason("run-failed", { recovery: "restart", detail: "the instance is stuck in stopping" }),
      },
    },
  },
  "needs a person, with debts and a returned original": {
    current: {
      ...open,
      phase: {
        kind: "needs-person",
        since: now,
        reason: reason("refused", { by: "Mira Okafor", why: "not in the sale" }),
      },
      incident: { ...incident, ack: { by: mira, at: now } },
      debts: [{ id: "d1", kind: "stopped-instance", what: "i-0aaa is stopped and must be started", since: t0, runId }],
      former: [{ instanceId: "i-0bbb" as InstanceId, since: t0 - minute, returned: now }],
    },
  },
};

/** An address that moves to the standby, as its plan read it. */
export const failoverPreview: Preview = {
  recovery: "failover",
  readAt: now,
  headline: "198.51.100.10 moves from i-0f3a9c2e71b4d5a60 (eu-west-1a) to i-0bbb (eu-west-1b)",
  steps: ["Start the standby", "Stop the primary", "Move the address"],
  downtime: "1 to 3 min",
  data: "as the standby has it",
  address: "kept: 198.51.100.10",
  mind: ["connections in flight break", "the standby is a size smaller"],
};

const proposing = (recovery: Recovery, more: Partial<Proposal> = {}): ServiceCase => ({
  ...open,
  incident: {
    ...incident,
    symptom: "down",
    ladder: [
      { ...rung, recovery },
      { ...rung, recovery: "reprovision-dr" },
    ],
  },
  phase: {
    kind: "proposing",
    since: t0,
    proposal: { ...withoutVeto(proposal), mode: "approve", recovery, ...more },
  },
});

const refusedPreview = (recovery: Recovery, refused: NonNullable<Preview["refused"]>): Dossier => ({
  previews: { [recovery]: { ...failoverPreview, recovery, headline: "", refused } },
});

const errand: ServiceCase = {
  ...open,
  bad: [],
  incident: { ...incident, symptom: "warning", ladder: [], orderedWhileHealthy: true },
};

/** What other recoveries than a restart show. */
export const recoveryStates: typeof states = {
  "failover proposed, with what it would do": {
    dossier: { previews: { failover: failoverPreview }, estimate: { ms: 2 * minute + 20_000, runs: 4 } },
    current: proposing("failover"),
  },
  "failover proposed, nothing read yet": { current: proposing("failover") },
  "failover that cannot run now": {
    dossier: refusedPreview("failover", {
      code: "standby-unfit",
      why: "the standby i-0bbb is in the same zone as the primary",
      remedy: "Name a standby in another zone in medic.yaml.",
    }),
    current: proposing("failover"),
  },
  "re-provision without a snapshot: the ladder can go on": {
    dossier: refusedPreview("reprovision", {
      code: "no-snapshot",
      why: "no completed snapshot carries medic=shop-web",
      remedy: "Make one, or go on to the DR region.",
    }),
    current: proposing("reprovision"),
  },
  "failover that could not be read": {
    dossier: refusedPreview("failover", {
      code: "unread",
      why: "AWS did not answer within 10 s",
      remedy: "An order is tried all the same.",
      unread: true,
    }),
    current: proposing("failover"),
  },
  "re-provision in the DR region, two people needed": {
    dossier: {
      previews: {
        "reprovision-dr": {
          ...failoverPreview,
          recovery: "reprovision-dr",
          headline: "shop-web is built anew in eu-central-1 from snap-0a1 and shop.example.com points there",
          downtime: "12 to 20 min",
          data: "as of 13:38 UTC (47 min old)",
          address: "changes; shop.example.com moves",
          mind: ["Route 53's API lives in us-east-1"],
          dataAsOf: now - 47 * minute,
        },
      },
    },
    current: proposing("reprovision-dr", { approvalsNeeded: 2, approvals: [{ by: mira, at: now }] }),
  },
  "failover with force, ordered by a person": {
    current: proposing("failover", { options: ["force"], orderedBy: mira, why: "zone is dark", rung: -1 }),
  },
  "re-provisioning, waiting for a snapshot": {
    run: {
      ...run,
      title: "re-provision shop-web",
      estimateMs: 12 * minute,
      estimateRuns: 4,
      steps: [
        { name: "the old machine is stopped", status: "done", begunAt: now, doneAt: now + 41_000, detail: "stopped" },
        {
          name: "the snapshot is complete",
          status: "begun",
          begunAt: now + 41_000,
          waitsFor: "EC2",
          progress: "snapshot 42 %",
        },
        { name: "the service answers", status: "pending" },
      ],
    },
    current: {
      ...open,
      phase: {
        kind: "recovering",
        since: now,
        deadline: now + 30 * minute,
        runId,
        order: { ...order, recovery: "reprovision", options: ["older-snapshot"] },
        acted: true,
        progress: 3,
      },
    },
  },
  "drill under way": {
    current: {
      ...errand,
      debts: [
        { id: "drill-instance/r1", kind: "drill-instance", what: "drill instance i-0d1 still runs", since: now, runId },
      ],
      phase: {
        kind: "recovering",
        since: now,
        deadline: now + 45 * minute,
        runId,
        order: { ...order, recovery: "drill" },
        acted: true,
      },
    },
  },
  "drill done": {
    current: {
      ...errand,
      lastRun: { ...lastRun, recovery: "drill" },
      phase: { kind: "resolved", at: now + 9 * minute, how: "done", windowUntil: now },
      entries: [
        {
          n: 4,
          at: now,
          incident: incidentId,
          reason: reason("errand-done", { recovery: "drill", tookMs: 9 * minute, summary: "it answered after 6 min" }),
        },
      ],
    },
  },
  "raising the maximum, a second person needed": {
    current: {
      ...errand,
      phase: {
        kind: "proposing",
        since: t0,
        proposal: {
          ...withoutVeto(proposal),
          mode: "approve",
          recovery: "raise-max",
          amount: 5,
          rung: -1,
          orderedBy: noor,
          why: "sale",
        },
      },
    },
  },
  "moved away, the original is kept": {
    current: {
      ...open,
      bad: [],
      lastRun: { ...lastRun, recovery: "reprovision-dr" },
      placement: { ...open.placement, instanceId: "i-0new" as InstanceId, sinceRun: runId },
      former: [{ instanceId, since: now, byRun: runId, scope: "123456789012/us-east-1" as Scope }],
      phase: { kind: "resolved", at: now + 5 * minute, how: "recovered", windowUntil: now + 65 * minute },
    },
  },
  "the original came back and was set aside": {
    current: {
      ...open,
      bad: [],
      former: [
        { instanceId: "i-0bbb" as InstanceId, since: t0, byRun: runId, returned: now, quarantined: now + minute },
      ],
      phase: { kind: "resolved", at: now + 5 * minute, how: "recovered", windowUntil: now + 65 * minute },
    },
  },
};

function withoutVeto({ vetoUntil: _, ...rest }: Proposal): Proposal {
  return rest;
}
