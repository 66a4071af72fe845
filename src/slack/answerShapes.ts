/** The few fields of Slack's answers that we read, checked: anything else in them is ignored. */
import { z } from "zod";

export const postAnswer = z.object({ channel: z.string(), ts: z.string() });

export const messagesAnswer = z.object({
  messages: z.array(
    z.object({
      ts: z.string(),
      bot_id: z.string().optional(),
      user: z.string().optional(),
      metadata: z
        .object({ event_type: z.string(), event_payload: z.record(z.string(), z.unknown()).optional() })
        .optional()
        .catch(undefined),
    }),
  ),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});

export const channelsAnswer = z.object({
  channels: z.array(z.object({ id: z.string(), name: z.string().optional(), is_archived: z.boolean().optional() })),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});

export const userAnswer = z.object({
  user: z.object({
    id: z.string(),
    team_id: z.string().optional(),
    name: z.string().optional(),
    real_name: z.string().optional(),
    deleted: z.boolean().optional(),
    is_bot: z.boolean().optional(),
    is_restricted: z.boolean().optional(),
    is_ultra_restricted: z.boolean().optional(),
    is_stranger: z.boolean().optional(),
    tz_offset: z.number().optional(),
    profile: z.object({ display_name: z.string().optional(), real_name: z.string().optional() }).optional(),
  }),
});

export const groupUsersAnswer = z.object({ users: z.array(z.string()) });

export const authAnswer = z.object({
  team_id: z.string().optional(),
  team: z.string().optional(),
  url: z.string().optional(),
  user_id: z.string().optional(),
  bot_id: z.string().optional(),
});

export const viewAnswer = z.object({ view: z.object({ id: z.string(), hash: z.string().optional() }) });
