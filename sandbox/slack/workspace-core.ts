import { SlackApiError } from "./api-error.ts";
import type { EphemeralMessage, SlackChannel, SlackMessage, SlackView } from "./model.ts";
import {
  ephemeralKeptPerPerson,
  messagesKeptPerChannel,
  ticketsKept,
  type ResponseTicket,
  type WorkspaceChange,
  type WorkspaceState,
} from "./workspace-state.ts";

/** How long a `trigger_id` opens a modal, and how long a person waits for an ack. Slack's number. */
export const ackDeadlineMs = 3_000;
const responseUrlLifeMs = 30 * 60_000;
const responseUrlUses = 5;

/** Deadlines that a person feels (3 s): real seconds even while the account's clock runs sixty times faster. */
export interface DeadlineClock {
  readonly now: () => number;
  /** Calls back once after `ms`; the answer cancels it. */
  after(ms: number, callback: () => void): () => void;
}

/** The state with the few operations that every part of the workspace shares. Changes are told to whoever listens. */
export interface WorkspaceCore {
  readonly state: WorkspaceState;
  /** Epoch ms of the workspace: message ts, rate limits, life of response URLs. */
  now(): number;
  /** The clock of what a person waits for: trigger ids, acks. */
  deadlineNow(): number;
  /** A new id that starts with `prefix`. */
  readonly id: (prefix: string) => string;
  /** Where response URLs and sockets point, no trailing slash. */
  baseUrl(): string;
  changed(change: WorkspaceChange): void;
  nextTs(): string;
  channel(id: string): SlackChannel;
  putChannel(channel: SlackChannel): void;
  putMessage(message: SlackMessage): void;
  dropMessage(channel: string, ts: string): void;
  message(channel: string, ts: string): SlackMessage | undefined;
  putEphemeral(message: EphemeralMessage): void;
  dropEphemeral(user: string, id: string): void;
  modalsOf(user: string): readonly SlackView[];
  setModals(user: string, stack: readonly SlackView[]): void;
  setHome(user: string, view: SlackView): void;
  newTrigger(user: string): string;
  newResponseUrl(ticket: Omit<ResponseTicket, "expiresAt" | "usesLeft">): string;
}

export interface CoreOptions {
  readonly state: WorkspaceState;
  readonly now: () => number;
  readonly ids: (prefix: string) => string;
  readonly deadlines: DeadlineClock;
  readonly baseUrl: () => string;
  readonly changed: (change: WorkspaceChange) => void;
}

export function createCore(options: CoreOptions): WorkspaceCore {
  const { state, changed } = options;
  const core: WorkspaceCore = {
    state,
    now: options.now,
    deadlineNow: () => options.deadlines.now(),
    id: options.ids,
    baseUrl: options.baseUrl,
    changed,
    nextTs() {
      state.lastTsMicros = Math.max(state.lastTsMicros + 1, options.now() * 1_000);
      return `${Math.floor(state.lastTsMicros / 1e6)}.${String(state.lastTsMicros % 1e6).padStart(6, "0")}`;
    },
    channel(id) {
      const found = state.channels.get(id);
      if (found === undefined) throw new SlackApiError("channel_not_found");
      return found;
    },
    putChannel(channel) {
      state.channels.set(channel.id, channel);
      if (!state.messages.has(channel.id)) state.messages.set(channel.id, new Map());
      changed({ kind: "channels" });
    },
    message: (channel, ts) => state.messages.get(channel)?.get(ts),
    ...messageKeeping(state, changed),
    ...viewKeeping(state, changed),
    newTrigger(user) {
      const id = options.ids("trigger");
      trim(state.triggers);
      state.triggers.set(id, { user, expiresAt: options.deadlines.now() + ackDeadlineMs, used: false });
      return id;
    },
    newResponseUrl(ticket) {
      const id = options.ids("R");
      trim(state.responseTickets);
      state.responseTickets.set(id, {
        ...ticket,
        expiresAt: options.now() + responseUrlLifeMs,
        usesLeft: responseUrlUses,
      });
      return `${options.baseUrl()}/response/${id}`;
    },
  };
  return core;
}

type Changed = (change: WorkspaceChange) => void;

function messageKeeping(
  state: WorkspaceState,
  changed: Changed,
): Pick<WorkspaceCore, "putMessage" | "dropMessage" | "putEphemeral" | "dropEphemeral"> {
  const dropMessage = (channel: string, ts: string): void => {
    if (state.messages.get(channel)?.delete(ts) === true) changed({ kind: "message-gone", channel, ts });
  };
  return {
    dropMessage,
    putMessage(message) {
      const kept = state.messages.get(message.channel) ?? new Map<string, SlackMessage>();
      state.messages.set(message.channel, kept);
      kept.set(message.ts, message);
      changed({ kind: "message", message });
      while (kept.size > messagesKeptPerChannel) {
        const oldest = kept.keys().next().value;
        if (oldest === undefined) break;
        dropMessage(message.channel, oldest);
      }
    },
    putEphemeral(message) {
      const mine = (state.ephemeral.get(message.to) ?? []).filter((each) => each.id !== message.id);
      state.ephemeral.set(message.to, [...mine, message].slice(-ephemeralKeptPerPerson));
      changed({ kind: "ephemeral", user: message.to });
    },
    dropEphemeral(user, id) {
      state.ephemeral.set(
        user,
        (state.ephemeral.get(user) ?? []).filter((each) => each.id !== id),
      );
      changed({ kind: "ephemeral", user });
    },
  };
}

function viewKeeping(
  state: WorkspaceState,
  changed: Changed,
): Pick<WorkspaceCore, "modalsOf" | "setModals" | "setHome"> {
  return {
    modalsOf: (user) => state.modals.get(user) ?? [],
    setModals(user, stack) {
      state.modals.set(user, [...stack]);
      changed({ kind: "views", user });
    },
    setHome(user, view) {
      state.homes.set(user, view);
      changed({ kind: "views", user });
    },
  };
}

/** Maps keep insertion order, so the first key is the oldest ticket. */
function trim(tickets: Map<string, unknown>): void {
  while (tickets.size >= ticketsKept) {
    const oldest = tickets.keys().next().value;
    if (oldest === undefined) return;
    tickets.delete(oldest);
  }
}
