/**
 * The nouns of the pretend Slack workspace, as plain data. The page imports these types too, so nothing here may depend on Node.
 * Times are epoch ms of the workspace's clock, except `ts`, which is Slack's own "seconds.microseconds" text and the key of a message in its channel.
 */

/** Any JSON object: blocks, views and payloads travel through the workspace untouched, only the validator looks inside. */
export interface Json {
  readonly [key: string]: unknown;
}

export interface SlackUser {
  readonly id: string;
  /** The handle, as in `@mira`. */
  readonly name: string;
  readonly realName: string;
  /** What this person is to the story: "on call", "second approver", "stranger". Empty for the bot. */
  readonly role: string;
  readonly isBot: boolean;
  /** Background of the generated avatar, hex without the number sign, as users.info gives it. */
  readonly color: string;
  readonly tz: string;
  readonly tzOffsetS: number;
  /** Guests; a bot that hands out approvals must notice them. */
  readonly isRestricted: boolean;
  readonly deleted: boolean;
}

export interface SlackUserGroup {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  readonly users: readonly string[];
  readonly disabled: boolean;
}

export interface SlackChannel {
  readonly id: string;
  readonly name: string;
  readonly topic: string;
  readonly isPrivate: boolean;
  readonly isArchived: boolean;
  /** Set for a direct message: the person at the other end. */
  readonly imWith: string | null;
  readonly createdAt: number;
  readonly members: readonly string[];
}

export interface SlackMessage {
  readonly ts: string;
  readonly channel: string;
  /** The author: a person's or the bot's user id. */
  readonly user: string;
  readonly botId: string | null;
  readonly text: string;
  readonly blocks: readonly Json[];
  readonly attachments: readonly Json[];
  readonly metadata: Json | null;
  /** The root's ts when this is a reply in a thread, else null. */
  readonly threadTs: string | null;
  /** A reply that was sent to the channel as well. */
  readonly broadcast: boolean;
  readonly replyCount: number;
  readonly replyUsers: readonly string[];
  readonly latestReply: string | null;
  /** Shown as "(edited)"; Slack leaves it out for updates that carry blocks. */
  readonly editedTs: string | null;
  readonly subtype: string | null;
}

/** An answer that only one person sees. It is in no channel's history. */
export interface EphemeralMessage {
  readonly id: string;
  readonly ts: string;
  readonly channel: string;
  readonly threadTs: string | null;
  /** Who sees it. */
  readonly to: string;
  /** Who said it: the bot, or Slackbot for Slack's own complaints. */
  readonly from: string;
  readonly text: string;
  readonly blocks: readonly Json[];
}

/** A modal or a Home tab that one person has open. */
export interface SlackView {
  readonly id: string;
  readonly externalId: string | null;
  readonly type: "modal" | "home";
  readonly user: string;
  readonly callbackId: string;
  readonly privateMetadata: string;
  readonly title: string;
  readonly submit: string | null;
  readonly close: string;
  readonly blocks: readonly Json[];
  readonly notifyOnClose: boolean;
  readonly clearOnClose: boolean;
  /** Changes with each update; views.update with a stale one answers `hash_conflict`. */
  readonly hash: string;
  readonly rootViewId: string;
  readonly previousViewId: string | null;
}

/** A slash command that the app has registered, with the words that may follow it. */
export interface SlashCommand {
  readonly command: string;
  readonly description: string;
  readonly verbs: readonly SlashVerb[];
}

export interface SlashVerb {
  readonly name: string;
  readonly usage: string;
  readonly description: string;
}

/** The confirm dialog of an interactive element, already reduced to its texts. */
export interface ConfirmDialog {
  readonly title: string;
  readonly text: string;
  readonly confirm: string;
  readonly deny: string;
  readonly danger: boolean;
}

/** What a person sees at once after an action. Later answers arrive as messages, ephemeral messages and views. */
export type ActResult =
  /** The app took it. `replies` are the private answers that had arrived by then, `view` the modal now on top. */
  | { readonly kind: "done"; readonly replies: readonly EphemeralMessage[]; readonly view: SlackView | null }
  /** Nothing was sent yet: the element asks first. Repeat the act with `confirmed: true`. */
  | { readonly kind: "confirm"; readonly dialog: ConfirmDialog }
  /** The app did not answer within three seconds, or could not be reached at all. */
  | { readonly kind: "no-response"; readonly error: "operation_timeout" | "dispatch_failed"; readonly text: string }
  /** The app answered a modal with errors under its inputs, by block_id. */
  | { readonly kind: "invalid"; readonly errors: Readonly<Record<string, string>> }
  /** Slack itself does not let this person do it here. */
  | { readonly kind: "refused"; readonly reason: string };

/** What a person may have typed or chosen in inputs, as Slack reports it: block_id, then action_id. */
export type InputState = Readonly<Record<string, Readonly<Record<string, Json>>>>;

export interface ClickAct {
  readonly user: string;
  /** Channel and ts of a message, or `viewId`, or `ephemeralId`. */
  readonly channel?: string;
  readonly ts?: string;
  readonly viewId?: string;
  readonly ephemeralId?: string;
  readonly actionId: string;
  /** Only needed where one action_id stands in several blocks. */
  readonly blockId?: string;
  /** Buttons: tells apart two buttons with one action_id. Overflow, selects, radio: the value of the chosen option. Pickers: the text. */
  readonly value?: string;
  /** Checkboxes: the values now ticked. */
  readonly values?: readonly string[];
  /** The person has already said yes in the element's confirm dialog. */
  readonly confirmed?: boolean;
  readonly state?: InputState;
}

export interface CommandAct {
  readonly user: string;
  readonly channel: string;
  /** The whole line, for example `/medic status web`. */
  readonly text: string;
}

export interface SayAct {
  readonly user: string;
  readonly channel: string;
  readonly text: string;
  readonly threadTs?: string;
}

export interface SubmitViewAct {
  readonly user: string;
  readonly viewId: string;
  readonly state: InputState;
}

export interface CloseViewAct {
  readonly user: string;
  readonly viewId: string;
  /** True for the cross of the whole stack, false for Cancel of the top view. */
  readonly all?: boolean;
}
