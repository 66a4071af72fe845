/** What a person did, read out of Bolt's payloads: checked, and reduced to what the listeners need. */
import { z } from "zod";

const option = z.object({ value: z.string() }).nullish();
const options = z.array(z.object({ value: z.string() })).nullish();
const state = z.object({
  values: z.record(
    z.string(),
    z.record(z.string(), z.object({ value: z.string().nullish(), selected_option: option, selected_options: options })),
  ),
});

const pressed = z.object({
  user: z.object({ id: z.string() }),
  channel: z.object({ id: z.string() }).nullish(),
  message: z.object({ ts: z.string(), thread_ts: z.string().optional() }).nullish(),
  container: z.object({ thread_ts: z.string().optional(), is_ephemeral: z.boolean().optional() }).nullish(),
  trigger_id: z.string().optional(),
  response_url: z.string().optional(),
  actions: z.array(z.object({ action_id: z.string(), value: z.string().nullish(), selected_option: option })).min(1),
  view: z
    .object({
      id: z.string(),
      hash: z.string().optional(),
      private_metadata: z.string().default(""),
      state: state.nullish().catch(undefined),
    })
    .nullish(),
});

const submitted = z.object({
  user: z.object({ id: z.string() }),
  view: z.object({
    id: z.string(),
    callback_id: z.string(),
    private_metadata: z.string().default(""),
    state,
  }),
});

/** Where a private answer goes: through the response URL when there is one, else to the channel, else to the person. */
export interface Where {
  readonly user: string;
  readonly channel?: string | undefined;
  readonly threadTs?: string | undefined;
  readonly responseUrl?: string | undefined;
  /** Everybody in the channel sees it: what a person asked for on everybody's behalf. */
  readonly aloud?: boolean | undefined;
}

export interface Pressed {
  readonly where: Where;
  readonly actionId: string;
  readonly value: string | undefined;
  readonly triggerId: string | undefined;
  readonly messageTs: string | undefined;
  readonly view: PressedView | undefined;
}

export interface PressedView {
  readonly id: string;
  readonly hash: string | undefined;
  readonly context: ViewContext;
  /** As the window stands now, by block id; several choices are joined by commas. */
  readonly values: Readonly<Record<string, string>>;
}

export interface Submitted {
  readonly where: Where;
  readonly callbackId: string;
  readonly context: ViewContext;
  /** By block id: what was typed or chosen; several choices are joined by commas. */
  readonly values: Readonly<Record<string, string>>;
}

/** What a modal remembers about where it came from. */
export interface ViewContext {
  readonly service?: string | undefined;
  readonly proposal?: number | undefined;
  readonly channel?: string | undefined;
  readonly key?: string | undefined;
}

const context = z.object({
  service: z.string().optional(),
  proposal: z.number().optional(),
  channel: z.string().optional(),
  key: z.string().optional(),
});

export function writeContext(value: ViewContext): string {
  return JSON.stringify(value);
}

function readContext(text: string): ViewContext {
  try {
    return context.catch({}).parse(JSON.parse(text));
  } catch {
    return {};
  }
}

/** undefined: not a press that we understand. */
export function readPressed(body: unknown): Pressed | undefined {
  const read = pressed.safeParse(body);
  const action = read.data?.actions[0];
  if (!read.success || action === undefined) return undefined;
  const { user, channel, message, container, view } = read.data;
  const viewContext = view ? readContext(view.private_metadata) : undefined;
  return {
    where: {
      user: user.id,
      channel: channel?.id ?? viewContext?.channel,
      threadTs: threadOf(message, container),
      responseUrl: read.data.response_url,
    },
    actionId: action.action_id,
    value: action.selected_option?.value ?? action.value ?? undefined,
    triggerId: read.data.trigger_id,
    messageTs: message?.ts,
    view:
      view && viewContext
        ? { id: view.id, hash: view.hash, context: viewContext, values: valuesOf(view.state ?? { values: {} }) }
        : undefined,
  };
}

interface Placed {
  readonly ts?: string | undefined;
  readonly message_ts?: string | undefined;
  readonly thread_ts?: string | undefined;
}

/** A card with replies names itself as its thread: pressed in the channel, answered in the channel. */
function threadOf(message: Placed | null | undefined, container: Placed | null | undefined): string | undefined {
  const thread = message?.thread_ts ?? container?.thread_ts;
  return thread === (message?.ts ?? container?.message_ts) ? undefined : thread;
}

export function readSubmitted(body: unknown): Submitted | undefined {
  const read = submitted.safeParse(body);
  if (!read.success) return undefined;
  const { user, view } = read.data;
  const values = valuesOf(view.state);
  const from = readContext(view.private_metadata);
  return { where: { user: user.id, channel: from.channel }, callbackId: view.callback_id, context: from, values };
}

function valuesOf(shown: z.infer<typeof state>): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [block, inputs] of Object.entries(shown.values)) {
    for (const input of Object.values(inputs)) {
      const several = input.selected_options?.map((each) => each.value).join(",");
      const value = input.selected_option?.value ?? (several === "" ? undefined : several) ?? input.value;
      if (value !== undefined && value !== null) values[block] = value;
    }
  }
  return values;
}
