/** What a verb may use: ports and answers, handed in by whoever runs it (Slack, the command line, a test). */
import type { CardModel } from "../src/domain/cardModel.ts";
import type { Asker } from "../src/domain/event.ts";
import type { Facts } from "../src/domain/facts.ts";
import type { Entry, Person, ServiceCase } from "../src/domain/serviceCase.ts";
import type { Settings } from "../src/domain/settings.ts";
import type { Text } from "../src/domain/text.ts";
import type { Scope, ServiceName } from "../src/domain/words.ts";
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
