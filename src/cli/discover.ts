/** `medic discover`: reads instances, groups and alarms of one region and prints a medic.yaml to start from. Changes nothing. */
import { cloudWatchAlarms } from "../aws/alarms.ts";
import { regionClients, type RegionClients } from "../aws/clients.ts";
import { awsScaling } from "../aws/scaling.ts";
import { MedicError, NotPermitted, sentenceOf } from "../domain/errors.ts";
import { defaultTiming } from "../domain/timing.ts";
import { wallClock, type Clock } from "../ports/clock.ts";
import type { HookView } from "../ports/scaling.ts";
import { draftOf, groupsOf, isGroupOfOne, type Found } from "./discover/draft.ts";
import { drawYaml } from "./discover/drawYaml.ts";
import { heldAddresses, liveInstances } from "./discover/listing.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

export interface DiscoverOptions {
  /** Default AWS_REGION. */
  readonly region?: string;
  /** The tag whose value is a service's name; default `ec2-medic:service`. */
  readonly tag?: string;
  /** Every running instance that has a Name, whatever its tags. */
  readonly all?: boolean;
}

export interface DiscoverParts {
  readonly clients: (region: string, awsCallMs: number) => RegionClients;
  readonly clock: Clock;
}

const realParts: DiscoverParts = { clients: regionClients, clock: wallClock };

export const serviceTag = "ec2-medic:service";

export async function discover(
  options: DiscoverOptions,
  terminal: Terminal,
  parts: DiscoverParts = realParts,
): Promise<ExitCode> {
  const region = options.region ?? terminal.variables["AWS_REGION"]?.trim();
  if (!region) {
    terminal.err("no region: say --region eu-west-1, or set AWS_REGION");
    return 2;
  }
  const tag = options.tag ?? serviceTag;
  try {
    const clients = parts.clients(region, defaultTiming.awsCallMs);
    const [instances, addresses, groups, alarms] = await Promise.all([
      liveInstances(clients.ec2, options.all === true ? undefined : tag),
      heldAddresses(clients.ec2),
      awsScaling(clients).groups(),
      cloudWatchAlarms(clients.cloudwatch, parts.clock).byPrefix(""),
    ]);
    const asked = { instances, addresses, groups, alarms, tag, all: options.all === true };
    const draft = draftOf({ ...asked, hooks: await hooksOf(asked, clients, terminal) });
    if (draft.services.length === 0) {
      const found = options.all === true ? "no running instance that has a Name" : `no instance tagged ${tag}`;
      terminal.err(`${found} in ${region}. Tag instances ${tag}=NAME, or say --all for every running one with a Name.`);
      return 1;
    }
    terminal.out(drawYaml({ region, ...draft }));
    terminal.err(
      `${draft.services.length} drafted. Set channel and approvers (# set me), then: medic check, medic doctor.`,
    );
    return 0;
  } catch (error) {
    terminal.err(`discover failed: ${sentenceOf(error)}`);
    if (error instanceof MedicError) terminal.err(`next: ${error.next}`);
    return 1;
  }
}

/** One group after another: a region may have hundreds, and this is no emergency. Who may not read hooks gets a draft without. */
async function hooksOf(found: Found, clients: RegionClients, terminal: Terminal): Promise<NonNullable<Found["hooks"]>> {
  const scaling = awsScaling(clients);
  const hooks = new Map<string, readonly HookView[]>();
  for (const [group] of groupsOf(found).filter(([each]) => isGroupOfOne(each))) {
    try {
      hooks.set(group.name, await scaling.hooks(group.name));
    } catch (error) {
      if (!(error instanceof NotPermitted)) throw error;
      terminal.err(`lifecycle hooks are left out: ${sentenceOf(error)}`);
      return hooks;
    }
  }
  return hooks;
}
