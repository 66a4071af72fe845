import type { Json } from "./model.ts";

/** Reading of untrusted JSON, field by field: absent and of another type are the same answer. */

export function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function objectOf(value: unknown): Json | undefined {
  return isJson(value) ? value : undefined;
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

export function objectsOf(value: unknown): readonly Json[] {
  return listOf(value).filter(isJson);
}

/** The text of a text object, or the string itself. */
export function plainOf(value: unknown): string {
  return textOf(value) ?? textOf(objectOf(value)?.["text"]) ?? "";
}
