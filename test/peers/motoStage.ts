/** moto for one suite: started before it, found by the SDK through the environment, gone after it. */
import { DescribeSubnetsCommand, EC2Client, RunInstancesCommand } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll } from "vitest";
import { regionClients, type RegionClients } from "../../src/aws/clients.ts";
import type { InstanceId } from "../../src/domain/words.ts";
import { hasMoto, motoInstall, startMoto, type Moto } from "./moto.ts";
import { requirePeer } from "./peer.ts";
import { keepEnvironment } from "../setup/environment.ts";

export const withMoto = requirePeer("moto_server", hasMoto(), motoInstall);
export const region = "eu-west-1";
export const drRegion = "eu-central-1";
export const callMs = 20_000;
/** One of the images that moto has by itself. */
export const motoImage = "ami-12c6146b";

export interface MotoStage {
  readonly endpoint: () => string;
  readonly clients: (inRegion?: string) => RegionClients;
  /** Of the test itself, to set the stage. */
  readonly ec2: (inRegion?: string) => EC2Client;
  readonly launch: (name: string) => Promise<InstanceId>;
  /** Ids of the default subnets, by zone. */
  readonly subnets: () => Promise<{ readonly id: string; readonly zone: string; readonly vpcId: string }[]>;
}

export function motoStage(): MotoStage {
  let moto: Moto;
  keepEnvironment("all");
  beforeAll(async () => {
    moto = await startMoto();
    Object.assign(process.env, moto.environment);
  });
  afterAll(async () => {
    await moto?.stop();
  });
  const ec2 = (inRegion = region) => new EC2Client({ region: inRegion });
  return {
    endpoint: () => moto.endpoint,
    clients: (inRegion = region) => regionClients(inRegion, callMs),
    ec2,
    launch: async (name) => {
      const Tags = [{ Key: "Name", Value: name }];
      const answer = await ec2().send(
        new RunInstancesCommand({
          ImageId: motoImage,
          MinCount: 1,
          MaxCount: 1,
          InstanceType: "t3.micro",
          UserData: Buffer.from("#!/bin/sh\n").toString("base64"),
          TagSpecifications: [{ ResourceType: "instance", Tags }],
        }),
      );
      return (answer.Instances?.[0]?.InstanceId ?? "") as InstanceId;
    },
    subnets: async () => {
      const answer = await ec2().send(new DescribeSubnetsCommand({}));
      return (answer.Subnets ?? [])
        .map(({ SubnetId = "", AvailabilityZone = "", VpcId = "" }) => ({
          id: SubnetId,
          zone: AvailabilityZone,
          vpcId: VpcId,
        }))
        .sort((a, b) => a.zone.localeCompare(b.zone));
    },
  };
}

/**
 * A call that this moto lacks answers with a page and status 500. Such a call is named in a list of gaps, and the list is a test:
 * it goes red on the day that moto learns the call, which then wants a test of its own.
 */
export interface Gap {
  readonly call: string;
  readonly how: () => Promise<unknown>;
  /** Of our error: `unreachable` for a call that moto does not know. */
  readonly code: string;
}
