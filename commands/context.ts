/** What a verb may use: ports and answers, handed in by whoever runs it (Slack, the command line, a test). */
import type { CardModel } from "../src/domain/cardModel.ts";
import type { Asker } from "../src/domain/event.ts";
import type { Facts } from "../src/domain/facts.ts";
import type { Entry, Person, ServiceCase } from "../src/domain/serviceCase.ts";
import type { Settings } from "../src/domain/settings.ts";
import type { Text } from "../src/domain/text.ts";
import type { Preview } from "../src/domain/preview.ts";
import type { ServiceReadiness } from "../src/domain/readiness.ts";
import type { SnapshotsReport } from "../src/domain/snapshots.ts";
import type { OrderOption, Recovery, Scope, ServiceName } from "../src/domain/words.ts";
import type { Handle } from "../src/ports/handle.ts";
import type { Cases } from "../src/ports/store.ts";

export interface CommandContext {
  readonly person: Person;
  /** Where it was said; the digest of this channel is meant. */
  readonly channel: string;
  /** Epoch ms. */
  readonly now: number;
  readonly settings: Settings;
  readonly cases: Pick<Cases, "load" | "all">;
  readonly handle: Handle;
  /** May this person decide about the service? Without one: about what concerns all (any service's approvers). */
  asker(service?: ServiceName): Promise<Asker>;
  /** The card as it stands in the channel, with steps and evidence. */
  card(current: ServiceCase): Promise<CardModel>;
  /** Newest first. */
  entries(service: ServiceName, limit: number): Promise<readonly Entry[]>;
  unmatched(limit: number): Promise<readonly UnmatchedLine[]>;
  readonly autopilot: {
    read(): Promise<Facts["autopilot"]>;
    set(state: "on" | "off", by: string): Promise<Facts["autopilot"]>;
  };
  readonly storms: {
    active(): readonly { readonly scope: Scope; readonly why: string }[];
    /** A person's word that storms may end; answers those that are not quiet yet. */
    giveWord(by: string): Promise<readonly Scope[]>;
  };
  digest(channel: string): Promise<CardModel>;
  /** The recoveries that the pattern of this service knows. */
  choices(service: ServiceName): readonly Recovery[];
  /** What one of them would do, read now. Never throws. */
  preview(
    service: ServiceName,
    recovery: Recovery,
    chosen: { readonly options: readonly OrderOption[]; readonly amount?: number },
  ): Promise<Preview>;
  readonly readiness: {
    /** As last looked at; without a service: all of them. */
    read(service?: ServiceName): Promise<readonly ServiceReadiness[]>;
    /** Looked at now; undefined: gone from medic.yaml. */
    refresh(service: ServiceName): Promise<ServiceReadiness | undefined>;
  };
  /** Read now; undefined: gone from medic.yaml. Never throws. */
  snapshots(service: ServiceName): Promise<SnapshotsReport | undefined>;
}

export interface UnmatchedLine {
  readonly what: string;
  readonly count: number;
  readonly why: string;
  readonly lastAt: number;
}

export type Answer = CardModel | Text;

export interface Verb {
  readonly name: string;
  /** After the command: `restart SERVICE [reason]`. */
  readonly usage: string;
  readonly summary: string;
  /** Who may, in words. */
  readonly who: string;
  /** What it orders, in words; "nothing" for what only looks. */
  readonly orders: string;
  /** Who sees the answer; default the person alone. */
  readonly audience?: "person" | "channel";
  run(ctx: CommandContext, args: readonly string[]): Promise<Answer>;
}

/** What was typed cannot be understood; the message is the answer. */
export class NotUnderstood extends Error {
  readonly answer: Text;
  constructor(answer: Text) {
    super("not understood");
    this.name = "NotUnderstood";
    this.answer = answer;
  }
}
