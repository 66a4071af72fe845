import type { Filter } from "@aws-sdk/client-ec2";
import { AwsRefusal } from "../../src/memory/accountModel.ts";

/** What a filter may ask of a thing, by the filter's name; several values when one of them is enough. */
export type Fields = Readonly<Record<string, string | readonly string[] | undefined>>;

/** `tag:` and `tag-key` are understood for whatever has tags. Unknown names are refused, as EC2 does. */
export function passesAll(
  filters: readonly Filter[] | undefined,
  of: { readonly fields: Fields; readonly tags?: Readonly<Record<string, string>> },
): boolean {
  return (filters ?? []).every((filter) => {
    const name = filter.Name ?? "";
    if (of.tags !== undefined && name.startsWith("tag:")) return matches(filter, of.tags[name.slice("tag:".length)]);
    if (of.tags !== undefined && name === "tag-key") return Object.keys(of.tags).some((key) => matches(filter, key));
    if (!Object.hasOwn(of.fields, name)) throw unknownFilter(filter);
    const value = of.fields[name];
    if (typeof value === "string" || value === undefined) return matches(filter, value);
    return value.some((each) => matches(filter, each));
  });
}

/** EC2's filters know `*` as any text. */
export function matches(filter: Filter, value: string | undefined): boolean {
  if (value === undefined) return false;
  return (filter.Values ?? []).some((wanted) => {
    if (!wanted.includes("*")) return wanted === value;
    const pattern = wanted.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
    return new RegExp(`^${pattern.join(".*")}$`).test(value);
  });
}

export function unknownFilter(filter: Filter): AwsRefusal {
  return new AwsRefusal("InvalidParameterValue", `The filter '${filter.Name ?? ""}' is invalid`);
}

/** Tags that a request gives to what it makes. */
export function tagsFor(
  specifications: readonly { ResourceType?: string | undefined; Tags?: readonly AwsTag[] | undefined }[] | undefined,
  type: string,
): Record<string, string> {
  return tagsFrom(
    (specifications ?? []).filter((each) => each.ResourceType === type).flatMap((each) => each.Tags ?? []),
  );
}

interface AwsTag {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

export function tagsFrom(tags: readonly AwsTag[] | undefined): Record<string, string> {
  return Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key ?? "", Value ?? ""]));
}

export function tagListOf(tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** The named ones, or all that pass the filters; one unknown id refuses the whole call. */
export function chosen<T extends { readonly id: string }>(
  all: readonly T[],
  input: { readonly ids: readonly string[] | undefined; readonly unknown: (id: string) => AwsRefusal },
  passes: (one: T) => boolean,
): T[] {
  const named = input.ids ?? [];
  const missing = named.find((id) => !all.some((each) => each.id === id));
  if (missing !== undefined) throw input.unknown(missing);
  return all.filter((each) => (named.length === 0 || named.includes(each.id)) && passes(each));
}
