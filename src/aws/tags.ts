/** Tags between AWS's lists and our records. */
import type { Tags } from "../ports/compute.ts";

interface AwsTag {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

export function tagsOf(list: readonly AwsTag[] | undefined): Record<string, string> {
  return Object.fromEntries((list ?? []).map((tag) => [tag.Key ?? "", tag.Value ?? ""]));
}

/** Nobody but AWS may write tags that begin with `aws:`: a request that names one fails as a whole. */
export const isOurs = (key: string): boolean => !/^aws:/i.test(key);

export function tagList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).flatMap(([Key, Value]) => (isOurs(Key) ? [{ Key, Value }] : []));
}

/** For calls that tag what they make, in the same request: no moment without its tags, and the policy can ask for them. */
export function tagged<const Type extends string>(types: readonly Type[], tags: Tags): Tagged<Type> {
  const Tags = tagList(tags);
  return Tags.length === 0 ? {} : { TagSpecifications: types.map((ResourceType) => ({ ResourceType, Tags })) };
}

interface Tagged<Type> {
  TagSpecifications?: { ResourceType: Type; Tags: { Key: string; Value: string }[] }[];
}
