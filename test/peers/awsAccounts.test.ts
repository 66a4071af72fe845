import { DescribeInstancesCommand, DescribeSubnetsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { expect, it } from "vitest";
import { assumedRole, readSession, runSession } from "../../src/aws/assumedRole.ts";
import { stsClient } from "../../src/aws/clients.ts";
import { awsClouds } from "../../src/aws/clouds.ts";
import { callerIdentity } from "../../src/aws/home.ts";
import type { RunId, Scope } from "../../src/domain/words.ts";
import { wallClock } from "../../src/ports/clock.ts";
import { silentLog } from "../../src/ports/log.ts";
import { callMs, motoImage, motoStage, region, withMoto } from "./motoStage.ts";

withMoto("another account, entered by a role, over the wire (moto)", () => {
  const stage = motoStage();
  const account = "210987654321";
  const role = { roleArn: `arn:aws:iam::${account}:role/ec2-medic/Action`, externalId: "shop" };
  const scope = `${account}/${region}` as Scope;
  const onBehalf = { runId: "shop-web/7" as RunId, who: "U0123ABCD", actions: ["ec2:StopInstances"] };
  const clouds = () =>
    awsClouds({ accounts: new Map([[account, role]]), awsCallMs: callMs, clock: wallClock, log: silentLog });

  it("STS tells which session the bot is in (moto keeps no source identity; test/aws sees it on the wire)", async () => {
    const sts = stsClient(region, callMs);
    for (const [session, name] of [
      [readSession(role), "ec2-medic"],
      [runSession(role, onBehalf), "shop-web-7"],
    ] as const) {
      const keys = assumedRole(sts, session, wallClock);
      const identity = await callerIdentity(stsClient(region, callMs, wallClock, keys));
      expect(identity.account).toBe(account);
      expect(identity.arn).toContain(`/${name}`);
      expect((await keys()).expiration.getTime()).toBeGreaterThan(wallClock.now() + 800_000);
    }
  });

  it("what is launched and stopped there is there, and not in the bot's own account", async () => {
    const cloud = clouds()(scope);
    const run = clouds()(scope, onBehalf);
    const id = await cloud.compute.launch({
      clientToken: "t",
      imageId: motoImage as Parameters<typeof cloud.storage.image>[0],
      type: "t3.micro",
      subnetId: await firstSubnet(),
      securityGroupIds: [],
      volumes: [],
      tags: { Name: "far" },
    });
    await run.compute.stop(id, { force: false });
    expect(await cloud.compute.instance(id)).toMatchObject({ id, state: "stopped" });
    const own = clouds()(`123456789012/${region}` as Scope);
    expect(await own.compute.instance(id)).toBeUndefined();
    const { Reservations } = await stage.ec2().send(new DescribeInstancesCommand({}));
    expect(Reservations).toEqual([]);
  });

  /** Of the other account: each has default subnets of its own. */
  const firstSubnet = async (): Promise<string> => {
    const credentials = assumedRole(stsClient(region, callMs), readSession(role), wallClock);
    const answer = await new EC2Client({ region, credentials }).send(new DescribeSubnetsCommand({}));
    return answer.Subnets?.[0]?.SubnetId ?? "";
  };
});
