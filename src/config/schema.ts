/** The shape of `medic.yaml`. Keys are camelCase; what is absent is inherited from `defaults` or has the default written here. */
import { z } from "zod";
import { ladderRecoveries, modes, patterns, symptoms } from "../domain/words.ts";
import { accountSchema, recoveryShape } from "./recoverySchema.ts";
import {
  account,
  alarmName,
  allocationId,
  channel,
  duration,
  exactlyOne,
  explained,
  flag,
  hostPort,
  instanceId,
  region,
  sentence,
  serviceName,
  statusRange,
  tag,
  topicArn,
  user,
  userGroup,
  webUrl,
  written,
} from "./schemaParts.ts";
import { timingSchema } from "./timingSchema.ts";

export const approversSchema = z.strictObject({
  users: explained(z.array(user), "Slack user ids.", ["U0123456789"]).optional(),
  groups: explained(z.array(userGroup), "Slack user group ids; members count as they are at the click.", [
    "S0123456789",
  ]).optional(),
});

export const rungSchema = z.strictObject({
  recovery: z.enum(ladderRecoveries).meta({
    description:
      "What is done. restart reboots first and stops and starts only if that did not help (never reboots for symptom host). Which recovery runs on which pattern: examples/medic.yaml.",
    examples: ["restart"],
  }),
  mode: z.enum(modes).meta({
    description:
      "observe: say it only. approve: runs when people approved. auto: runs when the veto window ends unless somebody holds it.",
    examples: ["approve"],
  }),
  veto: explained(
    duration,
    "auto only: how long people may object, from the first notice that was accepted.",
    "5m",
  ).optional(),
  approvals: z
    .int("a whole number from 1 to 10")
    .min(1, "a whole number from 1 to 10")
    .max(10, "a whole number from 1 to 10")
    .meta({ description: "approve only: how many different people must say yes (default 1).", examples: [1] })
    .optional(),
  limit: explained(duration, "The whole run must end within this.", "20m").optional(),
});

export const targetSchema = exactlyOne(
  {
    instance: instanceId.optional(),
    tag: explained(tag, "The one running instance that carries this tag.", "Name=shop-web").optional(),
    asg: explained(
      z.string().min(1, "the name of an Auto Scaling group"),
      "Name of the Auto Scaling group.",
      "shop-asg",
    ).optional(),
  },
  ["instance", "tag", "asg"],
);

export const probeSchema = exactlyOne(
  {
    url: explained(
      webUrl,
      "Asked with GET; redirects count as the answer that they are.",
      "https://shop.example.com/healthz",
    ).optional(),
    tcp: explained(hostPort, "A connection must open.", "db.example.com:5432").optional(),
    status: explained(
      z.union([z.int(), statusRange]),
      "Accepted status or range (default 200-399).",
      "200-399",
    ).optional(),
    text: explained(sentence, "The body must contain this.", '"status":"up"').optional(),
    timeout: explained(duration, "Default 5s.", "5s").optional(),
    watch: explained(flag, "Ask all the time and open incidents without any alarm (default false).", true).optional(),
  },
  ["url", "tcp"],
);

const laddersSchema = z.strictObject(
  Object.fromEntries(
    symptoms.map((symptom) => [symptom, z.array(rungSchema).max(8, "at most 8 rungs").optional()]),
  ) as Record<(typeof symptoms)[number], z.ZodOptional<z.ZodArray<typeof rungSchema>>>,
);

/** What a service may say for itself or inherit from `defaults`. */
const inherited = {
  region: region.optional(),
  account: explained(
    account,
    "12 digits in quotes; without it, the account that the bot's own credentials belong to.",
  ).optional(),
  channel: channel.optional(),
  mentionGroup: explained(userGroup, "Mentioned at most once per incident and step of escalation.").optional(),
  secondChannel: explained(channel, "Told when nobody reacts.").optional(),
  approvers: approversSchema
    .meta({ description: "Who may press the buttons. Nobody listed: no button works." })
    .optional(),
  requireOther: explained(
    flag,
    "An order needs the approval of somebody else than who gave it (default false).",
  ).optional(),
};

export const serviceSchema = z.strictObject({
  description: explained(sentence, "What people notice when it breaks; stands on the card.", "The web shop"),
  owner: explained(sentence, "Team or person, for the card.", "team-shop").optional(),
  ...inherited,
  pattern: z.enum(patterns).meta({ description: "How the service is built.", examples: ["instance"] }),
  target: targetSchema.meta({
    description: "What the service runs on: instance, tag or asg.",
    examples: [{ tag: "Name=shop-web" }],
  }),
  elasticIp: allocationId.optional(),
  probe: probeSchema
    .meta({
      description: "How the bot asks the service itself.",
      examples: [{ url: "https://shop.example.com/healthz" }],
    })
    .optional(),
  runbook: explained(webUrl, "Linked on the card.", "https://wiki.example.com/shop").optional(),
  alarms: z
    .array(
      z.union([
        alarmName,
        z.strictObject({
          name: alarmName,
          symptom: z
            .enum(symptoms)
            .meta({
              description: "What kind of bad it means, where the guess from the metric is wrong.",
              examples: ["down"],
            })
            .optional(),
        }),
      ]),
    )
    .meta({
      description: "Alarms that concern this service. Without it they are matched by dimension and tag.",
      examples: [["shop-web-*"]],
    })
    .optional(),
  rpoMax: explained(
    duration,
    "How much data may be lost when the service is built anew from a snapshot. Only with it that may happen by itself.",
    "1h",
  ).optional(),
  fence: z
    .enum(["stop", "address"])
    .meta({
      description:
        "How the old machine is kept from serving after a failover: stopped, or (stateless) only without its address.",
      examples: ["stop"],
    })
    .optional(),
  ...recoveryShape,
  ladders: laddersSchema
    .meta({
      description: "Recoveries per symptom, gentlest first. Without it: what fits the pattern, in mode observe.",
    })
    .optional(),
});

export const globalsSchema = z.strictObject({
  defaults: z
    .strictObject({ ...inherited, channel })
    .meta({ description: "What services inherit when they say nothing.", examples: [{ channel: "C0123456789" }] }),
  accounts: z
    .record(account, accountSchema)
    .meta({
      description: "Other accounts than the bot's own, by their 12 digits in quotes, and how each is entered.",
      examples: [{ "222233334444": { role: "arn:aws:iam::222233334444:role/ec2-medic" } }],
    })
    .optional(),
  mailTopic: explained(topicArn, "SNS topic for e-mail before any action and at each outcome.").optional(),
  controlUrl: explained(
    webUrl,
    "Probes count only while this answers: tells 'the site is down' from 'we are offline'.",
    "https://status.example.net",
  ).optional(),
  killSwitch: exactlyOne(
    {
      parameter: written(/^\/?[\w./-]+$/, "the name of an SSM parameter", "/ec2-medic/autopilot").optional(),
      file: explained(z.string().min(1, "a path"), "A file that says on or off.", "./autopilot").optional(),
    },
    ["parameter", "file"],
  )
    .meta({
      description: "Where on or off is written; unreadable means off.",
      examples: [{ parameter: "/ec2-medic/autopilot" }],
    })
    .optional(),
  digest: z
    .strictObject({
      cron: explained(
        z.string().min(1, "five cron fields"),
        "Five cron fields (default 0 8 * * *).",
        "0 8 * * 1-5",
      ).optional(),
      timeZone: explained(
        z.string().min(1, "a time zone"),
        "IANA time zone (default UTC).",
        "Europe/Berlin",
      ).optional(),
      enabled: explained(flag, "Default true.").optional(),
    })
    .meta({ description: "The daily status digest, one per channel." })
    .optional(),
  timing: timingSchema
    .meta({ description: "Every duration that a decision uses. Below the default: allowed, and check says so." })
    .optional(),
});

export const servicesSchema = z.record(serviceName, serviceSchema);

/** All of it, for the JSON Schema. Reading goes part by part, so that one mistake hides no other. */
export const medicYamlSchema = z.strictObject({
  ...globalsSchema.shape,
  services: servicesSchema.meta({ description: "Services by name." }),
});

export type RawService = z.infer<typeof serviceSchema>;
export type RawGlobals = z.infer<typeof globalsSchema>;
export type RawRung = z.infer<typeof rungSchema>;
