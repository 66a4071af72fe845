/** What the recoveries need beside restart's: a second machine, a record, where to build anew, drills, snapshots, a volume. */
import { z } from "zod";
import {
  allocationId,
  deviceName,
  duration,
  exactlyOne,
  explained,
  flag,
  healthCheckId,
  hookName,
  instanceId,
  instanceProfile,
  instanceType,
  recordName,
  region,
  roleArn,
  routingControlArn,
  securityGroupId,
  sentence,
  setIdentifier,
  subnetId,
  tag,
  targetGroupArn,
  webUrl,
  zoneId,
} from "./schemaParts.ts";

const standbySchema = exactlyOne(
  {
    instance: instanceId.optional(),
    tag: explained(tag, "The one instance that carries this tag, running or stopped.", "Name=shop-web-b").optional(),
  },
  ["instance", "tag"],
);

const routingSchema = z.strictObject({
  endpoints: z
    .array(z.strictObject({ region: explained(region, "Region of the endpoint."), url: explained(webUrl, "Its URL.") }))
    .min(1, "at least one endpoint")
    .max(5, "a cluster has five endpoints")
    .meta({
      description: "The five regional endpoints of the cluster: written here, because finding them is what fails.",
      examples: [[{ region: "us-west-2", url: "https://host-xxxxxx.us-west-2.example.com/v1" }]],
    }),
  primaryControl: explained(routingControlArn, "Routing control of the primary's side."),
  standbyControl: explained(routingControlArn, "Routing control of the standby's side."),
});

const dnsSchema = z.strictObject({
  zone: explained(zoneId, "Id of the hosted zone."),
  name: explained(recordName, "The record's full name; the final dot may be left out."),
  type: z.enum(["A", "AAAA", "CNAME"]).meta({ description: "The record's type.", examples: ["A"] }),
  primarySet: explained(setIdentifier, "dns-pair: SetIdentifier of the primary's record.", "primary").optional(),
  standbySet: explained(setIdentifier, "dns-pair: SetIdentifier of the standby's record.", "standby").optional(),
  invertHealthCheck: explained(
    healthCheckId,
    "dns-pair: fail over by inverting this health check of the primary's record, instead of changing records.",
  ).optional(),
  routing: routingSchema
    .meta({ description: "dns-pair: fail over by ARC routing controls, which work without us-east-1." })
    .optional(),
});

const reprovisionSchema = z.strictObject({
  snapshotTag: explained(
    tag,
    "Snapshots or AMIs that carry this tag are the source; the newest finished one is taken.",
    "ec2-medic:snapshot-of=shop-web",
  ),
  subnets: z
    .array(subnetId)
    .max(10, "at most 10 subnets")
    .meta({
      description: "Tried in this order after the original's own subnet, when there is no capacity.",
      examples: [["subnet-0123456789abcdef0"]],
    })
    .optional(),
  types: z
    .array(instanceType)
    .max(10, "at most 10 types")
    .meta({
      description: "Tried in this order after the original's own type. Same architecture.",
      examples: [["m7g.xlarge"]],
    })
    .optional(),
});

const drSchema = z.strictObject({
  region: explained(region, "Another region than the service's own.", "eu-central-1"),
  snapshotTag: explained(
    tag,
    "Tag of the copies there (default: that of reprovision).",
    "ec2-medic:snapshot-of=shop-web",
  ).optional(),
  subnets: z
    .array(subnetId)
    .min(1, "at least one subnet")
    .max(10, "at most 10 subnets")
    .meta({ description: "Tried in this order.", examples: [["subnet-0fedcba9876543210"]] }),
  securityGroups: z
    .array(securityGroupId)
    .min(1, "at least one security group")
    .max(16, "at most 16 security groups")
    .meta({ description: "Security groups there.", examples: [["sg-0fedcba9876543210"]] }),
  types: z
    .array(instanceType)
    .min(1, "at least one type")
    .max(10, "at most 10 types")
    .meta({ description: "Tried in this order.", examples: [["m7g.large"]] }),
  instanceProfile: explained(instanceProfile, "Name of the instance profile (IAM is global).").optional(),
  keyName: explained(sentence, "Name of the key pair there.", "ops").optional(),
  elasticIp: explained(
    allocationId,
    "An Elastic IP that waits there; without one the record gets the instance's own public address.",
  ).optional(),
  architecture: z
    .enum(["x86_64", "arm64"])
    .meta({ description: "Of the snapshot's system, where no AMI tells.", examples: ["arm64"] })
    .optional(),
});

const drillSchema = z.strictObject({
  subnet: explained(subnetId, "A subnet of its own: what runs there reaches nothing."),
  securityGroup: explained(securityGroupId, "A security group without any outbound rule."),
  cleanUpAfter: explained(
    duration,
    "The drill instance ends itself after this, even if the bot dies (default 1h).",
    "1h",
  ).optional(),
});

const keeperSchema = z.strictObject({
  every: explained(duration, "How often a snapshot is made.", "6h"),
  retain: z
    .int("a whole number from 1 to 100")
    .min(1, "a whole number from 1 to 100")
    .max(100, "a whole number from 1 to 100")
    .meta({
      description: "Newest ones that are kept (default 7). Older ones are listed; /medic prune removes them.",
      examples: [7],
    })
    .optional(),
  copyToDr: explained(flag, "Copied to the DR region too (default: when dr is set).", true).optional(),
});

const volumeSchema = z.strictObject({
  tag: explained(tag, "The volume and its snapshots carry this tag.", "ec2-medic:volume=orders-db"),
  device: explained(deviceName, "Device name under which it is attached.", "/dev/sdf"),
  terminatingHook: explained(
    hookName,
    "Lifecycle hook for instances that end: the bot detaches the volume, snapshots it, completes.",
  ).optional(),
  launchingHook: explained(
    hookName,
    "Lifecycle hook for new instances: the bot attaches the volume, moves the address, completes.",
    "orders-db-launching",
  ).optional(),
  stopWriter: explained(
    sentence,
    "Shell line that SSM runs before the volume is detached; without it nothing is stopped.",
    "systemctl stop postgresql",
  ).optional(),
});

/** The part of a service that only its recoveries read. */
export const recoveryShape = {
  standby: standbySchema
    .meta({ description: "standby and dns-pair: the second machine.", examples: [{ tag: "Name=shop-web-b" }] })
    .optional(),
  targetGroups: z
    .array(targetGroupArn)
    .max(20, "at most 20 target groups")
    .meta({
      description: "Target groups in which a lone instance stands by its id: the registration moves with the service.",
      examples: [["arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop-web/0123456789abcdef"]],
    })
    .optional(),
  dns: dnsSchema
    .meta({
      description: "The record by which people find the service: the pair of dns-pair, or the one that DR moves.",
      examples: [{ zone: "Z0123456789ABCDEFGHIJ", name: "shop.example.com", type: "A" }],
    })
    .optional(),
  reprovision: reprovisionSchema
    .meta({
      description: "From what the instance is built anew in its own region.",
      examples: [{ snapshotTag: "ec2-medic:snapshot-of=shop-web" }],
    })
    .optional(),
  dr: drSchema
    .meta({ description: "What is prepared in another region, so that the instance can be built anew there." })
    .optional(),
  drillProfile: drillSchema
    .meta({ description: "Where a drill may launch. Without it drills are refused." })
    .optional(),
  keeper: keeperSchema
    .meta({
      description:
        "The bot makes snapshots by itself. DLM or AWS Backup does it better; this is for where they cannot.",
      examples: [{ every: "6h" }],
    })
    .optional(),
  volume: volumeSchema
    .meta({
      description: "asg-ebs: the one volume, and the lifecycle hooks that the bot answers.",
      examples: [{ tag: "ec2-medic:volume=orders-db", device: "/dev/sdf" }],
    })
    .optional(),
  scaleStep: z
    .int("a whole number from 1 to 100")
    .min(1, "a whole number from 1 to 100")
    .max(100, "a whole number from 1 to 100")
    .meta({ description: "alb-asg: how many instances a scale-out adds (default 1).", examples: [1] })
    .optional(),
  quarantine: z
    .enum(["tell", "stop"])
    .meta({
      description:
        "An old primary that comes back: tagged, taken out of target groups and told about (tell, default), or stopped again too.",
      examples: ["tell"],
    })
    .optional(),
};

export const accountSchema = z.strictObject({
  role: explained(roleArn, "Role that the bot takes there."),
  externalId: explained(
    z.string().min(2, "2 to 1224 characters").max(1224, "2 to 1224 characters"),
    "External id that the role's trust asks for.",
    "medic-7f3a",
  ).optional(),
});

type Raw<S extends z.ZodType> = z.infer<S>;
export type RawStandby = Raw<typeof standbySchema>;
export type RawDns = Raw<typeof dnsSchema>;
export type RawDr = Raw<typeof drSchema>;
export type RawAccount = Raw<typeof accountSchema>;
export type RawRecovering = Raw<z.ZodObject<typeof recoveryShape>>;
