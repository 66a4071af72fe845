/** The bot and what it is compared with, behind one face: hand in the alarm of a service. */
import { alert, alertmanagerVersion, startAlertmanager } from "./alertmanager.ts";
import { envelope } from "./alarms.ts";
import { say } from "./numbers.ts";
import { newFolder, startBot, startFloor, type Running, type Stage } from "./stage.ts";

export interface Contender extends Running {
  /** `embedded`: the bot with its own store in a folder, synced; `bot`: with a table in another process. */
  readonly name: "bot" | "embedded" | "floor" | "alertmanager";
  readonly headers: Readonly<Record<string, string>>;
  /** Made before the clock runs. `change` tells one change of the same alarm from the next. */
  message(service: number, alarm: number, change: number): string;
  readonly target: string;
}

export async function startContenders(stage: Stage, services: number): Promise<Contender[]> {
  const { signer } = stage;
  const startedAt = Date.now() - 60_000;
  const signed = (service: number, alarm: number, change: number) =>
    envelope(signer, { service, alarm, at: startedAt + change });
  const sns = async (name: "bot" | "embedded" | "floor", running: Running): Promise<Contender> => ({
    ...{ name, ...running, message: signed },
    target: `${running.url}/sns`,
    headers: { "x-amz-sns-message-type": "Notification" },
  });
  const all = [
    await sns("floor", await startFloor(stage)),
    await sns("bot", await startBot(stage, services)),
    await sns("embedded", await startBot(stage, services, false, newFolder(stage))),
  ];
  const version = alertmanagerVersion();
  if (version === undefined) {
    say("alertmanager", null, "", { note: "not installed: apt-get install prometheus-alertmanager" });
    return all;
  }
  const running = await startAlertmanager(stage);
  const headers = { "content-type": "application/json" };
  return [...all, { name: "alertmanager", ...running, target: running.url, headers, message: alert }];
}
