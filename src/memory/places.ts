/** What every simulated region has from the start: a network with three zones, one security group, one image. */
import type { Architecture } from "./cloudModel.ts";

export interface Places {
  readonly vpcId: string;
  readonly subnets: { readonly a: string; readonly b: string; readonly c: string };
  readonly securityGroupId: string;
  readonly imageId: string;
}

/** Ids differ from region to region, as in AWS: an id of home that is used elsewhere does not exist there. */
export function placesOf(region: string): Places {
  const mark = regionMark(region);
  const id = (prefix: string, last: string): string => `${prefix}-0${mark}0000000${last}`;
  return {
    vpcId: id("vpc", "0"),
    subnets: { a: id("subnet", "a"), b: id("subnet", "b"), c: id("subnet", "c") },
    securityGroupId: id("sg", "1"),
    imageId: id("ami", "1"),
  };
}

/** Eight hexadecimal digits of a region's name. */
export function regionMark(region: string): string {
  let hash = 0x811c9dc5;
  for (const letter of region) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x0100_0193) >>> 0;
  return hash.toString(16).padStart(8, "0");
}

/** Second number of the region's private addresses, so that two regions do not share one. Home is the first region of AWS here. */
export function privateBlock(region: string): number {
  return region === "eu-west-1" ? 0 : 16 + (Number.parseInt(regionMark(region).slice(0, 2), 16) % 200);
}

/** A letter g behind the generation says Graviton: t4g, m7gd, c7gn; but not g4dn. */
export function architectureOf(type: string): Architecture {
  return /^[a-z]+\d+[a-z]*g[a-z]*\./.test(type) ? "arm64" : "x86_64";
}

const smallVcpus: Readonly<Record<string, number>> = { nano: 2, micro: 2, small: 2, medium: 2, large: 2, xlarge: 4 };

/** As the quota counts: large and smaller 2, xlarge 4, n × xlarge 4 n. */
export function vcpusOf(type: string): number {
  const size = type.split(".")[1] ?? "";
  const times = /^(\d+)xlarge$/.exec(size)?.[1];
  return times === undefined ? (smallVcpus[size] ?? 2) : Number(times) * 4;
}
