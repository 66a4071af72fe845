/** The alarms that watch one instance by its id: with a new instance they watch nobody. */
import { MedicError } from "../domain/errors.ts";
import type { ServiceDefinition } from "../domain/service.ts";
import type { ServiceCase } from "../domain/serviceCase.ts";
import type { InstanceId } from "../domain/words.ts";
import type { Alarms, AlarmView } from "../ports/alarms.ts";
import { AbandonRun } from "./control.ts";

/** More would be somebody's whole account behind one pattern. */
const namesMax = 50;

/** Names, sorted. What cannot be read now is left out: it is news about alarms and holds no recovery up. */
export async function alarmsOf(
  alarms: Pick<Alarms, "byName" | "byPrefix">,
  about: { readonly service: ServiceDefinition; readonly current: ServiceCase; readonly instanceId: InstanceId },
): Promise<string[]> {
  const { service, current, instanceId } = about;
  const exact = service.alarms.map(({ name }) => name).filter((name) => !name.includes("*"));
  const bad = current.bad.filter(({ alarmArn }) => alarmArn !== undefined).map(({ subject }) => subject);
  const prefixes = service.alarms.flatMap(({ name }) => (name.includes("*") ? [name.split("*")[0] ?? ""] : []));
  try {
    const found: AlarmView[] = await alarms.byName([...new Set([...exact, ...bad])]);
    for (const prefix of new Set(prefixes)) if (prefix !== "") found.push(...(await alarms.byPrefix(prefix)));
    const own = found.filter(({ composite, dimensions }) => !composite && dimensions["InstanceId"] === instanceId);
    return [...new Set(own.map(({ name }) => name))].sort().slice(0, namesMax);
  } catch (error) {
    if (error instanceof AbandonRun || !(error instanceof MedicError)) throw error;
    return [];
  }
}
