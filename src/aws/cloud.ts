/** All ports of one account and region, over one set of clients. */
import type { Clock } from "../ports/clock.ts";
import type { Cloud } from "../ports/cloud.ts";
import { silentLog, type Log } from "../ports/log.ts";
import { cloudWatchAlarms } from "./alarms.ts";
import type { RegionClients } from "./clients.ts";
import { ssmCommands } from "./commands.ts";
import { ec2Compute } from "./compute.ts";
import { route53Dns, route53GapMs } from "./dns.ts";
import { arcRouting } from "./routing.ts";
import { awsScaling } from "./scaling.ts";
import { slotsEvery, type Slot } from "./slots.ts";
import { ec2Storage } from "./storage.ts";

export interface CloudParts {
  readonly clock: Clock;
  readonly log?: Log;
  /** Turns of Route 53, which all clouds of one account share; default: turns of this cloud's own. */
  readonly dnsSlot?: Slot;
}

export function awsCloud(clients: RegionClients, { clock, log = silentLog, dnsSlot }: CloudParts): Cloud {
  return {
    compute: ec2Compute(clients.ec2),
    storage: ec2Storage(clients.ec2),
    alarms: cloudWatchAlarms(clients.cloudwatch, clock, log),
    scaling: awsScaling(clients),
    dns: route53Dns(clients.route53, dnsSlot ?? slotsEvery(route53GapMs, clock)),
    routing: arcRouting(clients.cluster),
    commands: ssmCommands(clients.ssm),
  };
}
