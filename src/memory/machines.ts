/** A machine as it comes into the simulated account, at its opening or by a launch. */
import type { Machine } from "./accountModel.ts";
import type { MachineBuild } from "./cloudModel.ts";
import { architectureOf, placesOf } from "./places.ts";
import type { World } from "./world.ts";

export type MachineStart = Pick<
  Machine,
  "id" | "name" | "type" | "availabilityZone" | "tags" | "hasInstanceStore" | "privateIp" | "build"
> & { readonly spot?: boolean; readonly rootDeviceType?: "ebs" | "instance-store" };

/** Pending and off: whoever makes it says what happens next. */
export function newMachine(world: World, start: MachineStart): Machine {
  const asgName = start.tags["aws:autoscaling:groupName"];
  return {
    ...start,
    ...(asgName === undefined ? {} : { asgName }),
    rootDeviceType: start.rootDeviceType ?? "ebs",
    spot: start.spot ?? false,
    rootVolumeIds: [],
    ownPublicIp: undefined,
    state: "pending",
    launchTime: world.agenda.now(),
    transitionReason: "",
    stateReason: undefined,
    health: { kernel: "off", host: "ok", process: "down", disk: "ok", rebootHelps: true },
    checks: undefined,
    epoch: 0,
    rebootingUntil: undefined,
    stuckStopping: "no",
    console: ["[    0.000000] Linux version 6.12.48-amd64", `${start.name} login:`],
    past: [],
  };
}

/** A plain Linux machine in the region's own network. */
export function defaultBuild(world: Pick<World, "region">, type: string, zone: string): MachineBuild {
  const places = placesOf(world.region);
  const letter = zone.at(-1);
  return {
    imageId: places.imageId,
    subnetId: letter === "b" || letter === "c" ? places.subnets[letter] : places.subnets.a,
    vpcId: places.vpcId,
    securityGroupIds: [places.securityGroupId],
    architecture: architectureOf(type),
    rootDeviceName: "/dev/xvda",
    enaSupport: true,
    ebsOptimized: false,
    detailedMonitoring: false,
    platformDetails: "Linux/UNIX",
    metadata: { httpTokens: "required", httpEndpoint: "enabled", hopLimit: 2, instanceTags: "disabled" },
    onShutdown: "stop",
    networkInterfaces: 1,
  };
}
