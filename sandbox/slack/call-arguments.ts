import { SlackApiError } from "./api-error.ts";
import { isJson, listOf } from "./json.ts";
import type { Json } from "./model.ts";

/** The arguments of one Web API call, whichever of Slack's encodings they came in. */
export interface CallArguments {
  /** Text, or undefined when absent or empty. */
  text(name: string): string | undefined;
  flag(name: string): boolean;
  number(name: string, fallback: number): number;
  /** A JSON value, sent either as JSON or as a string of JSON; undefined when absent. */
  json(name: string, error: string): unknown;
  has(name: string): boolean;
}

/** Reads query, form or JSON body. The token may be an argument too. */
export async function readArguments(request: Request): Promise<CallArguments> {
  const values: Record<string, unknown> = Object.fromEntries(new URL(request.url).searchParams);
  if (request.method === "POST") {
    const body = await request.text();
    const type = (request.headers.get("content-type") ?? "").split(";")[0]?.trim() ?? "";
    if (type === "application/json") Object.assign(values, parseBody(body));
    else Object.assign(values, Object.fromEntries(new URLSearchParams(body)));
  }
  return callArguments(values);
}

function parseBody(body: string): Json {
  if (body === "") return {};
  try {
    const parsed: unknown = JSON.parse(body);
    if (isJson(parsed)) return parsed;
    throw new SlackApiError("json_not_object");
  } catch (error) {
    throw error instanceof SlackApiError ? error : new SlackApiError("invalid_json");
  }
}

export function callArguments(values: Json): CallArguments {
  return {
    text(name) {
      const value = values[name];
      if (typeof value === "string") return value === "" ? undefined : value;
      if (typeof value === "number" || typeof value === "boolean") return String(value);
      return listOf(value).length > 0 ? listOf(value).join(",") : undefined;
    },
    flag(name) {
      const value = values[name];
      return value === true || value === "true" || value === "1" || value === 1;
    },
    number(name, fallback) {
      const value = Number(values[name] ?? fallback);
      return Number.isFinite(value) && value > 0 ? value : fallback;
    },
    json(name, error) {
      const value = values[name];
      if (value === undefined || value === "") return undefined;
      if (typeof value !== "string") return value;
      try {
        return JSON.parse(value) as unknown;
      } catch {
        throw new SlackApiError(error);
      }
    },
    has: (name) => values[name] !== undefined,
  };
}
