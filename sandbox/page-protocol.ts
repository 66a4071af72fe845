import type {
  ActResult,
  ClickAct,
  CloseViewAct,
  CommandAct,
  EphemeralMessage,
  SayAct,
  SlackChannel,
  SlackMessage,
  SlackUser,
  SlackUserGroup,
  SlackView,
  SlashCommand,
  SubmitViewAct,
} from "./slack/model.ts";

/**
 * What the sandbox server and its web page say to each other over one WebSocket at `/page`, as JSON.
 * The server is the truth: the page sends what a person does and shows what it is told.
 * The account half is behind `AccountPanel`, so that page and server need not know how the account is simulated.
 */

// ---------------------------------------------------------------- the account

/** What can be broken from the page. `slack-down` is the workspace's own and never reaches the AccountPanel. */
export type FaultKind =
  | "kernel-hangs"
  | "host-fails"
  | "process-dies"
  | "disk-full"
  | "stuck-stopping"
  | "stopped-by-a-person"
  | "terminated-by-somebody"
  /** Somebody starts a stopped machine: after a failover, the original returns. */
  | "started-by-somebody"
  | "too-much-work"
  | "snapshot-deleted"
  | "no-capacity"
  | "no-capacity-in-zone"
  | "user-data-fails"
  | "dns-api-down"
  | "throttled"
  | "slack-down";

/** How fast the account's clock runs against the wall clock. */
export type ClockSpeed = 1 | 10 | 60;

export interface ServiceView {
  readonly name: string;
  readonly description: string;
  /** DESIGN §4's word: instance, standby, asg, … */
  readonly pattern: string;
  readonly answers: "yes" | "no" | "unknown";
  /** What its users are told right now, for example "200 OK" or "connection refused". */
  readonly answer: string;
  /** Epoch ms of the account's clock since which `answers` holds. */
  readonly since: number;
  /** The instance that carries it now, as in `InstanceView.id`; null when none does. */
  readonly instanceId: string | null;
  /** The Elastic IP that people reach it by, and who holds it. */
  readonly address: { readonly publicIp: string; readonly heldBy: string | null } | null;
  readonly group: GroupView | null;
  /** What DNS says about its name; [] when no record belongs to it. */
  readonly records: readonly RecordRow[];
  /** Newest first, of both regions; [] for a service that keeps none. */
  readonly snapshots: readonly SnapshotRow[];
}

export interface GroupView {
  readonly name: string;
  readonly desired: number;
  readonly max: number;
  /** What its members have to do together, in percent of what one can do; null while each idles. */
  readonly load: number | null;
  /** Suspended processes. */
  readonly suspended: readonly string[];
  readonly members: readonly MemberView[];
}

export interface MemberView {
  readonly instanceId: string;
  /** Auto Scaling's word: InService, Terminating:Wait … */
  readonly lifecycle: string;
  /** The load balancer's word: healthy, draining …; null without one. */
  readonly target: string | null;
}

export interface RecordRow {
  readonly name: string;
  readonly type: string;
  readonly set: string | null;
  readonly weight: number | null;
  /** Seconds. */
  readonly ttl: number | null;
  readonly value: string;
  /** The machine that holds the address that it names. */
  readonly heldBy: string | null;
}

export interface SnapshotRow {
  readonly id: string;
  readonly region: string;
  /** Epoch ms of the account's clock. */
  readonly takenAt: number;
  readonly state: string;
}

export interface InstanceView {
  readonly id: string;
  readonly name: string;
  readonly service: string | null;
  readonly type: string;
  readonly region: string;
  readonly az: string;
  readonly state: "pending" | "running" | "stopping" | "stopped" | "shutting-down" | "terminated";
  /** StatusCheckFailed_System and _Instance as EC2 shows them. */
  readonly systemCheck: "ok" | "impaired" | "initializing" | "none";
  readonly instanceCheck: "ok" | "impaired" | "initializing" | "none";
  readonly address: string | null;
  /** What the bot wrote on it, in words: "a drill", "quarantined", "replaced by i-…". */
  readonly marks: readonly string[];
  /** Faults that hold for this very instance now. */
  readonly faults: readonly FaultKind[];
}

export interface AlarmView {
  readonly name: string;
  readonly state: "OK" | "ALARM" | "INSUFFICIENT_DATA";
  readonly service: string | null;
  readonly reason: string;
  /** Epoch ms of the account's clock. */
  readonly since: number;
}

export interface LogLine {
  /** Rising; the page uses it as key. */
  readonly n: number;
  /** Epoch ms of the account's clock. */
  readonly at: number;
  /** Who: "EC2", "CloudWatch", "SNS", "you", "medic". */
  readonly who: string;
  readonly text: string;
  readonly level: "info" | "good" | "bad";
}

/** One thing that may be broken now. The page draws one button for each, grouped by `target`. */
export interface FaultView {
  readonly what: FaultKind;
  /** An instance id, a service (the machine that serves it now), a region or `account`; handed back to `break` and `mend` as it is. */
  readonly target: string;
  /** Button text, for example "Kernel hangs". */
  readonly label: string;
  /** One sentence: what happens and which recovery answers it. */
  readonly explanation: string;
  readonly active: boolean;
  /** Whether a person may take it back (`mend`); a hung kernel heals only by a recovery. */
  readonly mendable: boolean;
}

/** First-steps strip: 1 break something, 2 see the card, 3 approve, 4 watch the service answer. All done = 5. */
export type FirstStep = 1 | 2 | 3 | 4 | 5;

export interface AccountView {
  /** Epoch ms of the account's clock; the page counts on by itself with `speed`. */
  readonly now: number;
  readonly speed: ClockSpeed;
  readonly region: string;
  /** Where what is lost here is built again. */
  readonly drRegion: string;
  readonly services: readonly ServiceView[];
  readonly instances: readonly InstanceView[];
  readonly alarms: readonly AlarmView[];
  /** Oldest first; at most the last 200. */
  readonly log: readonly LogLine[];
  readonly faults: readonly FaultView[];
  readonly step: FirstStep;
  /** Short remarks for the person, for example how the account was reset. */
  readonly notes: readonly string[];
  /** One sentence when a storm has stopped the autopilot, else null. */
  readonly storm: string | null;
}

/**
 * The simulated account as the page sees it. `break` and `mend` throw (or reject with) an Error with a sentence for the person when the target is unknown;
 * an unknown or already broken thing never kills the server. `onChange` calls back after each change (calls may be many: the page server
 * coalesces) and returns the way to stop listening.
 */
export interface AccountPanel {
  view(): AccountView;
  onChange(listener: () => void): () => void;
  break(what: FaultKind, target: string): void | Promise<void>;
  mend(what: FaultKind, target: string): void;
  setSpeed(speed: ClockSpeed): void;
  /** Everything healthy again, the bot's incidents and the workspace's messages included. */
  reset(): Promise<void>;
}

// ---------------------------------------------------------------- Slack

/** Everything that one person can see. */
export interface SlackSnapshot {
  readonly teamName: string;
  readonly person: string;
  readonly botUser: string;
  readonly users: readonly SlackUser[];
  readonly userGroups: readonly SlackUserGroup[];
  readonly channels: readonly SlackChannel[];
  readonly messages: readonly SlackMessage[];
  readonly ephemeral: readonly EphemeralMessage[];
  /** The person's modal stack, the one on top last. */
  readonly modals: readonly SlackView[];
  readonly home: SlackView | null;
  readonly commands: readonly SlashCommand[];
  readonly down: boolean;
  /** How many connections of the bot listen now; 0 = nobody would answer a click. */
  readonly listeners: number;
}

export type SlackPatch =
  | { readonly kind: "message"; readonly message: SlackMessage }
  | { readonly kind: "message-gone"; readonly channel: string; readonly ts: string }
  | { readonly kind: "ephemeral"; readonly ephemeral: readonly EphemeralMessage[] }
  | { readonly kind: "views"; readonly modals: readonly SlackView[]; readonly home: SlackView | null }
  | { readonly kind: "channels"; readonly channels: readonly SlackChannel[] }
  | { readonly kind: "status"; readonly down: boolean; readonly listeners: number };

// ---------------------------------------------------------------- the wire

export type PageToServer = { readonly id: number } & (
  | { readonly type: "person"; readonly user: string }
  | { readonly type: "click"; readonly act: Omit<ClickAct, "user"> }
  | { readonly type: "command"; readonly act: Omit<CommandAct, "user"> }
  | { readonly type: "say"; readonly act: Omit<SayAct, "user"> }
  | { readonly type: "submit-view"; readonly act: Omit<SubmitViewAct, "user"> }
  | { readonly type: "close-view"; readonly act: Omit<CloseViewAct, "user"> }
  | { readonly type: "open-home" }
  | { readonly type: "dismiss"; readonly ephemeralId: string }
  | { readonly type: "break"; readonly what: FaultKind; readonly target: string }
  | { readonly type: "mend"; readonly what: FaultKind; readonly target: string }
  | { readonly type: "speed"; readonly speed: ClockSpeed }
  | { readonly type: "reset" }
);

export type ServerToPage =
  | { readonly type: "slack"; readonly snapshot: SlackSnapshot }
  | { readonly type: "slack-patch"; readonly patches: readonly SlackPatch[] }
  | { readonly type: "account"; readonly account: AccountView }
  /** Answer to the request with this id. `error` is a sentence for the person. */
  | { readonly type: "result"; readonly id: number; readonly result?: ActResult; readonly error?: string };
