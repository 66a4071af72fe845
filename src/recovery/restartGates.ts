/** Reasons not to touch an instance at all, and reasons not to stop it. */
import { length } from "../domain/text.ts";
import type { InstanceView } from "../ports/compute.ts";
import type { Objection, Refusal } from "./plan.ts";
import type { RestartPorts } from "./restart.ts";
import type { RestartInputs } from "./restartInputs.ts";

const refusal = (code: string, detail: string, climb = false): Refusal => ({ code, detail, climb });

export function instanceIsOurs(inputs: RestartInputs): Objection<RestartPorts> {
  return async ({ compute, clock }) => {
    const { instanceId: id } = inputs;
    const view = await compute.instance(id);
    if (view === undefined) return refusal("instance-gone", `${id} does not exist any more`, true);
    return (
      stateObjection(view, inputs) ??
      groupObjection(view) ??
      (await awsIsActing(inputs, { compute, clock })) ??
      (stopsFirst(inputs) ? stopIsPossible(view) : undefined)
    );
  };
}

function stopsFirst({ recovery, symptom }: RestartInputs): boolean {
  return recovery === "stop-start" || recovery === "force-stop-start" || (recovery === "restart" && symptom === "host");
}

function stateObjection(view: InstanceView, inputs: RestartInputs): Refusal | undefined {
  const { id, state } = view;
  switch (state) {
    case "running":
      return undefined;
    case "terminated":
    case "shutting-down":
      return refusal("instance-gone", `${id} is ${state}${because(view)}`, true);
    case "pending":
      return refusal("already-starting", `${id} is starting already; somebody else or EC2 itself is at work`);
    case "stopping":
    case "stopped":
      if (inputs.recovery === "reboot")
        return refusal("not-running", `${id} is ${state}; order a restart, which starts it`);
      return stoppedOnPurpose(view, inputs);
  }
}

/** "User initiated" is what EC2 says about every stop by API, also about ours: those stand on the case as a debt. */
function stoppedOnPurpose(view: InstanceView, inputs: RestartInputs): Refusal | undefined {
  const byUser = /user[ .-]?initiated/i.test(view.stateReason ?? "");
  if (!byUser || inputs.stoppedByUs || inputs.orderedByPerson) return undefined;
  return refusal(
    "stopped-by-person",
    `${view.id} was stopped by a person${because(view)}; the bot asks before it starts it`,
  );
}

function groupObjection({ id, asgName }: InstanceView): Refusal | undefined {
  if (asgName === undefined) return undefined;
  return refusal("group-member", `${id} belongs to Auto Scaling group ${asgName}, which would replace it meanwhile`);
}

/** EC2's recover and reboot actions get room; two restarts of one machine at once help nobody. */
async function awsIsActing(
  { instanceId, awsActs, timing }: RestartInputs,
  { compute, clock }: Pick<RestartPorts, "compute" | "clock">,
): Promise<Refusal | undefined> {
  if (awsActs === undefined) return undefined;
  const checks = await compute.checks(instanceId);
  const impaired = checks?.system === "impaired" || checks?.instance === "impaired";
  const since = Math.max(awsActs.since, checks?.impairedSince ?? 0);
  const leftMs = since + timing.awsRoomMs - clock.now();
  if (!impaired || leftMs <= 0) return undefined;
  return refusal(
    "aws-acts",
    `EC2's own ${awsActs.action} action has been at work since the alarm; it gets ${length(leftMs)} more`,
  );
}

export function stopIsPossible({ id, rootDeviceType, spot }: InstanceView): Refusal | undefined {
  if (rootDeviceType !== "ebs")
    return refusal("cannot-stop", `${id} has an instance-store root, which EC2 cannot stop`);
  if (spot) return refusal("cannot-stop", `${id} is a Spot instance, which cannot be stopped and started at will`);
  return undefined;
}

function because({ stateReason }: InstanceView): string {
  return stateReason ? ` (${stateReason})` : "";
}
