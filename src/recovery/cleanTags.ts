import type { Tags } from "../ports/compute.ts";

/** The original's tags without what the bot wrote on it: run, step, who replaced it. */
export function cleanTags(tags: Tags): Tags {
  return Object.fromEntries(
    Object.entries(tags).filter(([key]) => !key.startsWith("ec2-medic:") && !key.startsWith("aws:")),
  );
}
