/** What every call of the simulated account goes through: delay, outage, throttling, permission; and how a write is put on record. */
import { AwsRefusal } from "./accountModel.ts";
import type { Write } from "./accountModel.ts";
import { say } from "./world.ts";
import type { World } from "./world.ts";

/** May throw AwsRefusal. `instanceIds` are named by the call: in a zone that is down they cannot be asked about. */
export type Asked = (operation: string, instanceIds?: readonly string[]) => Promise<void>;

export interface WriteWish<Made> {
  readonly operation: Write["operation"];
  readonly who: string;
  readonly instanceId?: string;
  /** Instances that the request itself names, when they are not `instanceId`: a zone that is down answers for none of them. */
  readonly names?: readonly string[];
  /** What is changed, or what the act has made. */
  readonly resource: string | ((made: Made) => string);
  readonly force?: boolean;
  /** DryRun tells of permission, and of ids that do not exist; not of state or capacity. */
  readonly dryRun?: boolean;
  /** Throws for what does not exist. */
  readonly exists?: () => void;
  /** "moves eipalloc-1 to i-0abc", for the account's own diary. */
  readonly said?: string;
}

export interface Gate {
  readonly asked: Asked;
  write<Made>(wish: WriteWish<Made>, act: () => Made): Promise<Made>;
}

export function createGate(world: World): Gate {
  const asked = asking(world);
  return {
    asked,
    write: async (wish, act) => {
      const note = (outcome: string, resource: string, instanceId = wish.instanceId ?? ""): void => {
        if (wish.dryRun === true) return;
        const { operation, who, force = false } = wish;
        world.writes.push({ at: world.agenda.now(), who, operation, instanceId, resource, force, outcome });
      };
      try {
        await asked(wish.operation, wish.names ?? (wish.instanceId === undefined ? [] : [wish.instanceId]));
        wish.exists?.();
        if (wish.dryRun === true) throw wouldSucceed();
        if (wish.said !== undefined) say(world, wish.who === "medic" ? "medic" : "world", `${wish.who} ${wish.said}`);
        const made = act();
        const resource = typeof wish.resource === "string" ? wish.resource : wish.resource(made);
        note("accepted", resource, wish.operation === "RunInstances" ? resource : wish.instanceId);
        return made;
      } catch (error) {
        const code = error instanceof AwsRefusal ? error.code : "InternalError";
        note(code, typeof wish.resource === "string" ? wish.resource : "");
        throw error;
      }
    },
  };
}

export function wouldSucceed(): AwsRefusal {
  return new AwsRefusal("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412);
}

export function asking(world: World): Asked {
  return async (operation, instanceIds = []) => {
    if (world.faults.callMs > 0) await world.clock.sleep(world.faults.callMs);
    world.agenda.catchUp();
    if (world.faults.apiDown || world.faults.regionDark) throw silent(operation);
    for (const id of instanceIds) {
      const zone = world.machines.get(id)?.availabilityZone;
      if (zone !== undefined && world.faults.zonesDown.has(zone)) throw silent(operation);
    }
    refuseThrottled(world, operation);
    if (world.faults.denied.has(operation)) throw denied(operation);
  };
}

/** Of a zone that is down AWS cannot tell: reads without ids fail as those that name ids there. */
export function refuseBlindReads(world: World, operation: string): void {
  if (world.faults.zonesDown.size > 0) throw silent(operation);
}

function silent(operation: string): AwsRefusal {
  return new AwsRefusal("Unavailable", `The server is overloaded and can't handle the request. (${operation})`, 503);
}

function refuseThrottled(world: World, operation: string): void {
  const { faults } = world;
  const byTime = faults.throttledUntil > world.agenda.now();
  const byCount = faults.throttledCalls > 0;
  if (byCount) faults.throttledCalls--;
  if (!byTime && !byCount) return;
  throw new AwsRefusal("RequestLimitExceeded", `Request limit exceeded. (${operation})`, 503);
}

function denied(operation: string): AwsRefusal {
  return new AwsRefusal(
    "UnauthorizedOperation",
    `You are not authorized to perform this operation. (${operation})`,
    403,
  );
}

/** Reads that lag do not know yet what was made after this instant. */
export function seenUntil(world: World): number {
  return world.agenda.now() - world.faults.readLagMs;
}
