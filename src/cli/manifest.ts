/** `medic manifest`: the Slack app, ready to paste under "Create new app from a manifest". */
import { slackManifest } from "../config/slackManifest.ts";
import type { ManifestOptions } from "../config/slackManifest.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

export function manifest(options: ManifestOptions, terminal: Terminal): ExitCode {
  const made = slackManifest(options);
  if ("problems" in made) {
    for (const problem of made.problems) terminal.err(problem);
    return 1;
  }
  terminal.out(JSON.stringify(made.manifest, null, 2));
  for (const note of made.notes) terminal.err(note);
  return 0;
}
