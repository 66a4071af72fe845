/** Takes AWS resource names apart. Names may hold spaces and colons (alarm names do), so only the first five colons divide. */

export interface Arn {
  readonly partition: string;
  readonly service: string;
  readonly region: string;
  readonly accountId: string;
  /** Everything behind the fifth colon, as it is. */
  readonly resource: string;
}

export function arnOf(text: string | null): Arn | null {
  if (text === null || !text.startsWith("arn:")) return null;
  const parts = text.split(":");
  const [, partition = "", service = "", region = "", accountId = ""] = parts;
  if (parts.length < 6 || partition === "" || service === "") return null;
  return { partition, service, region, accountId, resource: parts.slice(5).join(":") };
}

/** The alarm's name in its ARN, or null. */
export function alarmNameOf(arn: string | null): string | null {
  const found = arnOf(arn);
  if (found === null || !found.resource.startsWith("alarm:")) return null;
  return found.resource.slice("alarm:".length) || null;
}

/** What stands behind the last slash: EBS puts the region into the account's place, so its ARNs are only good for this. */
export function lastPart(arn: string | null): string | null {
  return arn === null ? null : arn.slice(arn.lastIndexOf("/") + 1) || null;
}

/** Twelve digits; also a number whose leading zeros JSON has eaten. */
export function accountIdOf(value: unknown): string | null {
  const text = typeof value === "number" && Number.isSafeInteger(value) ? String(value).padStart(12, "0") : value;
  return typeof text === "string" && /^\d{12}$/.test(text) ? text : null;
}
