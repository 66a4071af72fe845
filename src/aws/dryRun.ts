/** EC2's DryRun: may we, without doing it? It checks permission, not state or capacity. */
import {
  AssociateAddressCommand,
  CreateSnapshotCommand,
  RebootInstancesCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
} from "@aws-sdk/client-ec2";
import { UnknownFailure } from "../domain/errors.ts";
import { clip } from "../domain/limits.ts";
import type { DryRunQuestion, Permitted } from "../ports/compute.ts";
import { associateInput } from "./addresses.ts";
import type { RegionClients } from "./clients.ts";
import { launchInput } from "./launch.ts";
import { awsCode, translate } from "./translate.ts";

type Ec2 = RegionClients["ec2"];

/** DryRun answers with an error either way: DryRunOperation = allowed. What it could not tell is thrown, never a "no". */
export async function mayI(ec2: Ec2, question: DryRunQuestion): Promise<Permitted> {
  try {
    await send(ec2, question);
    return { allowed: true, detail: "allowed" };
  } catch (error) {
    if (awsCode(error) === "DryRunOperation") return { allowed: true, detail: "allowed" };
    const refusal = translate(`DryRun of ${subjectOf(question)}`, error);
    if (refusal.retry === "later" || refusal instanceof UnknownFailure) throw refusal;
    return { allowed: false, detail: clip(refusal.message) };
  }
}

const DryRun = true;

function send(ec2: Ec2, question: DryRunQuestion): Promise<unknown> {
  switch (question.action) {
    case "reboot":
      return ec2.send(new RebootInstancesCommand({ InstanceIds: [question.instanceId], DryRun }));
    case "stop":
      return ec2.send(new StopInstancesCommand({ InstanceIds: [question.instanceId], DryRun }));
    case "start":
      return ec2.send(new StartInstancesCommand({ InstanceIds: [question.instanceId], DryRun }));
    case "associate": {
      const input = associateInput(question.allocationId, question.instanceId);
      return ec2.send(new AssociateAddressCommand({ ...input, DryRun }));
    }
    case "launch":
      return ec2.send(new RunInstancesCommand({ ...launchInput(question.request), DryRun }));
    case "snapshot":
      return ec2.send(new CreateSnapshotCommand({ VolumeId: question.volumeId, DryRun }));
  }
}

function subjectOf(question: DryRunQuestion): string {
  switch (question.action) {
    case "associate":
      return `associate ${question.allocationId} to ${question.instanceId}`;
    case "launch":
      return `launch ${question.request.type} in ${question.request.subnetId}`;
    case "snapshot":
      return `snapshot ${question.volumeId}`;
    default:
      return `${question.action} ${question.instanceId}`;
  }
}
