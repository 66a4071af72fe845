import { parseSettings, textOf } from "./medicYaml.ts";
import type { LoadedSettings, ReadFile } from "./medicYaml.ts";

/** A thread of its own costs more than it saves below this; a thousand services are about as much. */
const apartFrom = 256 * 1024;

/** `loadSettings` for a program that stays: what reading a large file needs is given back. */
export async function loadSettingsToStay(path: string, readFile: ReadFile): Promise<LoadedSettings> {
  const read = textOf(path, readFile);
  if ("problems" in read) return read;
  if (read.text.length < apartFrom) return parseSettings(path, read.text);
  const { parseApart } = await import("./parseApart.ts");
  return parseApart(path, read.text);
}
