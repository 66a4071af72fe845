/** `medic test-card SERVICE`: posts a harmless card with live buttons where this service's cards come. */
import { readEnv } from "../config/env.ts";
import { loadSettings } from "../config/medicYaml.ts";
import { nearest } from "../domain/nearest.ts";
import { MedicError, sentenceOf } from "../domain/errors.ts";
import type { Settings } from "../domain/settings.ts";
import type { ServiceName } from "../domain/words.ts";
import { wallClock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import { createSlackChat } from "../slack/chat.ts";
import { createPeople } from "../slack/people.ts";
import { testCard as cardFor } from "../slack/testCard.ts";
import { createSlackWebApi, type Fetch } from "../slack/webApi.ts";
import { sayProblems } from "./terminal.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

/** `fetch` is for tests; by itself the real one is used. */
export async function testCard(service: string, terminal: Terminal, fetch?: Fetch): Promise<ExitCode> {
  const { variables } = terminal;
  const read = readEnv(variables);
  const about = ("problems" in read ? read.problems : []).filter(
    ({ field, severity }) => severity === "error" && /^(SLACK_BOT_TOKEN|SLACK_API_URL|MEDIC_CONFIG)$/.test(field),
  );
  if (about.length > 0) return sayProblems(terminal, about);
  const loaded = loadSettings(variables["MEDIC_CONFIG"]?.trim() || "./medic.yaml", (path) => terminal.readFile(path));
  if ("problems" in loaded) return sayProblems(terminal, loaded.problems);
  const definition = loaded.settings.services.get(service as ServiceName);
  if (definition === undefined) return unknownService(service, loaded.settings, terminal);
  const api = createSlackWebApi({
    token: variables["SLACK_BOT_TOKEN"]?.trim() ?? "",
    apiUrl: variables["SLACK_API_URL"]?.trim() || undefined,
    fetch,
  });
  const chat = createSlackChat({ api, people: createPeople({ api, clock: wallClock }), log: logTo(terminal) });
  try {
    const { channel, ts } = await chat.post(definition.channel, cardFor(definition, 1));
    terminal.out(`posted in ${definition.channel} (${channel}, ${ts})`);
    terminal.err(
      'Press its buttons: a running bot answers each with "This is a test card". No answer: is `medic start` running?',
    );
    return 0;
  } catch (error) {
    terminal.err(`test-card failed: ${sentenceOf(error)}`);
    if (error instanceof MedicError) terminal.err(`next: ${error.next}`);
    return 1;
  }
}

function unknownService(service: string, { services }: Settings, terminal: Terminal): ExitCode {
  const names = [...services.keys()];
  const meant = nearest(service, names);
  terminal.err(
    `no service "${service}" in medic.yaml. ${meant ? `Did you mean ${meant}?` : `There are: ${names.join(", ")}`}`,
  );
  return 1;
}

function logTo(terminal: Terminal): Log {
  const say = (code: string, fields?: Readonly<Record<string, unknown>>) =>
    terminal.err(fields === undefined ? code : `${code} ${JSON.stringify(fields)}`);
  return { info: say, warn: say, error: say };
}
