/** The plan of re-provisioning here, taken apart one thing at a time: some story or law must find each of them out. */
import { mutationsOf } from "./planLaws.ts";
import type { Call, Ended, PlanWorld, Story } from "./planStory.ts";
import { onceAt } from "./pairStory.ts";
import {
  allocation,
  freshSnapshot,
  livesAnew,
  loneAccount,
  loneService,
  loneStory,
  old,
  places,
  snapshotTag,
} from "./reprovisionStory.ts";

const service = { ...loneService, reprovision: { snapshotTag, subnets: [places.subnets.b], types: [] } };
const other = "i-0ddd0000000000004";
const association = "eipassoc-00000000000000001";
const fresh = "i-0503d750b00000003";

/** The journal, line by line: what was done, left out or given up, in this order. */
function walked(lines: readonly string[]): (ended: Ended) => string[] {
  return ({ entries }) => {
    const is = entries.map(({ step, done }) => {
      const how =
        done === undefined
          ? "open"
          : done.skipped !== undefined
            ? "skipped"
            : done.gaveUp !== undefined
              ? "given up"
              : "done";
      return `${how}: ${step}`;
    });
    return JSON.stringify(is) === JSON.stringify(lines) ? [] : [`the journal says ${is.join(" / ")}`];
  };
}

const launchIn = (zone: "a" | "b") =>
  `a new instance is launched: t3.small in eu-west-1${zone} (${places.subnets[zone]})`;
const beginning = ["done: an image over the snapshot is registered"];
const fenced = ["done: the old instance is stopped", "skipped: the old instance is stopped by force"];
const inA = [`done: ${launchIn("a")}`, `skipped: ${launchIn("b")}`];
const inB = [`given up: ${launchIn("a")}`, `done: ${launchIn("b")}`];
const up = ["done: the new instance runs", "done: the new instance passes both status checks"];
const moved = [
  "done: the Elastic IP is on the new instance",
  "done: the old instance says who took its place",
  "done: the service answers",
];
const acts = [
  "registerImage",
  `stop ${old}`,
  "launch",
  `disassociate ${association}`,
  `associate ${allocation} ${fresh}`,
  "tag",
];

function ends(lines: readonly string[], said: readonly string[] | undefined = acts): Story["ends"] {
  return {
    kind: "done",
    ...(said ? { acts: said } : {}),
    moved: { instanceId: fresh } as NonNullable<Story["ends"]["moved"]>,
    world: (ended) => [...livesAnew(ended), ...walked(lines)(ended)],
  };
}

const story = (over: Partial<Story> & Pick<Story, "title">): Story => loneStory({ service, ...over });

const hostFails = story({
  title: "the host fails",
  deep: true,
  ends: ends([...beginning, ...fenced, ...inA, ...up, ...moved]),
});

const noRoom = story({
  title: "there is no room in the old zone",
  deep: true,
  break: ({ account }) => {
    account.break("host-fails", old);
    account.breakAccount("no-capacity-in", { in: "eu-west-1a" });
  },
  ends: ends([...beginning, ...fenced, ...inB, ...up, ...moved]),
});

const stuck = story({
  title: "the old one is stuck stopping",
  deep: true,
  break: ({ account }) => {
    account.break("host-fails", old);
    account.break("stuck-stopping", old);
  },
  ends: ends(
    [
      ...beginning,
      "given up: the old instance is stopped",
      "done: the old instance is stopped by force",
      ...inA,
      ...up,
      ...moved,
    ],
    ["registerImage", `stop ${old}`, `stop ${old} by force`, ...acts.slice(2)],
  ),
});

/** Once, right before the first call that matches. */
function once(
  matches: (call: Call, world: PlanWorld) => boolean,
  what: (world: PlanWorld) => void,
): NonNullable<Story["meanwhile"]> {
  const done = new WeakSet<PlanWorld>();
  return (call, world) => {
    if (done.has(world) || !matches(call, world)) return;
    done.add(world);
    what(world);
  };
}

const startedAgain = story({
  title: "somebody starts the old one while the new one comes up",
  promotes: [],
  meanwhile: once(
    (call, { account }) => call.name === "compute.checks" && account.peek.machine(old).state === "stopped",
    ({ account }) => void account.calls.start("somebody", [old]),
  ),
  ends: { kind: "refused", code: "not-fenced", acts: acts.slice(0, 3), debts: [`stopped-instance/${old}`] },
});

const startedBeforeLaunch = story({
  title: "somebody starts the old one before the new one is launched",
  promotes: [],
  meanwhile: once(
    (call, { account }) => call.name === "journal.write" && account.peek.machine(old).state === "stopped",
    ({ account }) => void account.calls.start("somebody", [old]),
  ),
  ends: { kind: "refused", code: "not-fenced", acts: acts.slice(0, 2), debts: [`stopped-instance/${old}`] },
});

// Inputs, the image begun and done, the fence likewise, its force skipped; then the first launch begins: its guard has looked.
const startsAtFirstLaunch = onceAt("journal.write", 7, ({ account }) => account.calls.start("somebody", [old]));
const noRoomFromThenOn = onceAt("compute.launch", 1, ({ account }) =>
  account.breakAccount("no-capacity-in", { in: "eu-west-1a" }),
);
const startedBetweenLaunches = story({
  title: "somebody starts the old one and takes the last room in its zone",
  promotes: [],
  meanwhile: (call, world) => {
    startsAtFirstLaunch(call, world);
    noRoomFromThenOn(call, world);
  },
  ends: { kind: "refused", code: "not-fenced", acts: acts.slice(0, 2), debts: [`stopped-instance/${old}`] },
});

const notPermitted = story({
  title: "the bot may not launch",
  break: ({ account }) => {
    account.break("host-fails", old);
    account.faults.denied.add("RunInstances");
  },
  ends: { kind: "refused", code: "not-permitted", acts: ["registerImage"] },
});

const snapshotGoes = story({
  title: "somebody deletes the snapshot right after the order",
  meanwhile: once(
    ({ name }) => name === "storage.snapshot",
    ({ account }) => void account.calls.deleteSnapshot("somebody", freshSnapshot.id),
  ),
  ends: { kind: "refused", code: "no-snapshot", acts: [] },
});

const addressGoes = story({
  title: "somebody moves the address right after the order",
  accounts: loneAccount({
    account: {
      machines: [
        { id: old, name: "web", type: "t3.small" },
        { id: other, name: "other" },
      ],
    },
  }),
  meanwhile: once(
    ({ name }) => name === "storage.snapshot",
    ({ account }) =>
      void account.calls.associate("somebody", {
        allocationId: allocation,
        instanceId: other,
        allowReassociation: true,
      }),
  ),
  ends: { kind: "refused", code: "address-elsewhere", acts: [] },
});

const { elasticIp: _address, ...bare } = service;
const noWay = story({
  title: "a service to which no address leads",
  service: bare,
  placement: { instanceId: old },
  ends: {
    kind: "done",
    acts: ["registerImage", `stop ${old}`, "launch", "tag"],
    moved: { instanceId: fresh } as NonNullable<Story["ends"]["moved"]>,
  },
});

const sameDebt = "the stop before it has borrowed the same";
const bothRepay = "the mark repays it as well, and where the mark cannot be set this does";

mutationsOf(
  "re-provisioning here",
  [
    hostFails,
    noRoom,
    stuck,
    startedAgain,
    startedBeforeLaunch,
    startedBetweenLaunches,
    notPermitted,
    snapshotGoes,
    addressGoes,
    noWay,
  ],
  {
    '"the old instance is stopped by force" without its debt': sameDebt,
    '"the old instance is stopped by force" without its guard': "a stop is under way, and the move looks again",
    '"the Elastic IP is on the new instance" without repaying the others': bothRepay,
  },
);
