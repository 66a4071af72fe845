/** Instances and addresses of the simulated account in the port's words. */
import type { AllocationId, ImageId, InstanceId, VolumeId } from "../domain/words.ts";
import type { AddressView, Blueprint, InstanceView } from "../ports/compute.ts";
import type { ElasticIp, MachineView } from "./accountModel.ts";

export function instanceView(view: MachineView): InstanceView {
  return {
    id: view.id as InstanceId,
    state: view.state,
    launchTime: view.launchTime,
    type: view.type,
    availabilityZone: view.availabilityZone,
    name: view.name,
    privateIp: view.privateIp,
    ...(view.publicIp === undefined ? {} : { publicIp: view.publicIp }),
    ...(view.transitionReason === "" ? {} : { stateReason: view.transitionReason }),
    ...(view.asgName === undefined ? {} : { asgName: view.asgName }),
    rootDeviceType: view.rootDeviceType,
    hasInstanceStore: view.hasInstanceStore,
    spot: view.spot,
    tags: view.tags,
  };
}

export function addressView(address: ElasticIp | undefined): AddressView | undefined {
  if (address === undefined) return undefined;
  return {
    allocationId: address.allocationId as AllocationId,
    publicIp: address.publicIp,
    ...(address.associationId === undefined ? {} : { associationId: address.associationId }),
    ...(address.instanceId === undefined ? {} : { instanceId: address.instanceId as InstanceId }),
  };
}

export function blueprintOf(account: { readonly accountId: string }, view: MachineView): Blueprint {
  const { build } = view;
  const profile = build.instanceProfile;
  return {
    instanceId: view.id as InstanceId,
    imageId: build.imageId as ImageId,
    type: view.type,
    subnetId: build.subnetId,
    vpcId: build.vpcId,
    availabilityZone: view.availabilityZone,
    securityGroupIds: view.state === "terminated" ? [] : build.securityGroupIds,
    architecture: build.architecture,
    rootDeviceName: build.rootDeviceName,
    ...(build.bootMode === undefined ? {} : { bootMode: build.bootMode }),
    enaSupport: build.enaSupport,
    ebsOptimized: build.ebsOptimized,
    detailedMonitoring: build.detailedMonitoring,
    platformDetails: build.platformDetails,
    ...(build.keyName === undefined ? {} : { keyName: build.keyName }),
    ...(profile === undefined ? {} : { instanceProfileArn: profileArn(account.accountId, profile) }),
    ...(build.userData === undefined ? {} : { userData: build.userData }),
    metadata: build.metadata,
    networkInterfaces: view.state === "terminated" ? 0 : build.networkInterfaces,
    volumes: view.volumes.map((each) => ({ ...each, volumeId: each.volumeId as VolumeId })),
    tags: Object.fromEntries(Object.entries(view.tags).filter(([key]) => !key.startsWith("aws:"))),
  };
}

export function profileArn(accountId: string, name: string): string {
  return `arn:aws:iam::${accountId}:instance-profile/${name}`;
}
