/**
 * What a recovery would do, read from the world before anybody decides. A preview never throws and never takes long: what cannot
 * run says why and what would mend it, what could not be read says that nobody knows.
 */
import { recoveryWords } from "../domain/cardWords.ts";
import { MedicError, RecoveryRefused } from "../domain/errors.ts";
import type { Preview } from "../domain/preview.ts";
import type { ServiceDefinition } from "../domain/service.ts";
import type { ServiceCase } from "../domain/serviceCase.ts";
import type { Settings } from "../domain/settings.ts";
import { length } from "../domain/text.ts";
import { recoveries, type OrderOption, type Recovery, type ServiceName } from "../domain/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Blueprint } from "../ports/compute.ts";
import { definitionFor } from "../recovery/index.ts";
import type { PortsFor } from "./recoveryPorts.ts";

export interface PreviewsParts {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly portsFor: PortsFor;
  /** Strong read. */
  readonly loadCase: (service: ServiceName) => Promise<ServiceCase | undefined>;
  /** How its instance was built when it was last seen whole. */
  readonly remembered: (service: ServiceName) => Promise<Blueprint | undefined>;
  /** Where a service without a case lives. */
  readonly caseToBe: (service: ServiceName) => ServiceCase | undefined;
}

/** What a person has chosen so far beside the recovery. */
export interface Chosen {
  readonly options?: readonly OrderOption[];
  readonly amount?: number;
}

export interface Previews {
  /** The recoveries that exist for the pattern of this service; none when it is gone from medic.yaml. */
  choices(service: ServiceName): readonly Recovery[];
  /** Read now, for a person who asks. Never throws. */
  preview(service: ServiceName, recovery: Recovery, chosen?: Chosen): Promise<Preview>;
  /** The same for a case in hand. Never throws. */
  read(current: ServiceCase, recovery: Recovery, chosen?: Chosen): Promise<Preview>;
}

/** A person waits for it: longer than two slow AWS calls, shorter than patience. */
const previewMs = 10_000;

export function makePreviews(parts: PreviewsParts): Previews {
  const { settings } = parts;
  const read = (current: ServiceCase, recovery: Recovery, chosen: Chosen = {}) =>
    readPreview(parts, { current, recovery, chosen });
  return {
    read,
    choices: (service) => {
      const pattern = settings.services.get(service)?.pattern;
      return pattern ? recoveries.filter((recovery) => definitionFor(recovery, pattern) !== undefined) : [];
    },
    preview: async (service, recovery, chosen) => {
      try {
        const current = (await parts.loadCase(service)) ?? parts.caseToBe(service);
        if (current) return await read(current, recovery, chosen);
        const why = `where ${service} lives is not known yet`;
        const remedy = "It is learned within minutes; check its id, tag or group in medic.yaml if it is not.";
        return refusedPreview(parts, recovery, { code: "not-seen", why, remedy });
      } catch (error) {
        return refusedPreview(parts, recovery, refusalOf(error));
      }
    },
  };
}

interface Wanted {
  readonly current: ServiceCase;
  readonly recovery: Recovery;
  readonly chosen: Chosen;
}

async function readPreview(parts: PreviewsParts, { current, recovery, chosen }: Wanted): Promise<Preview> {
  const service = parts.settings.services.get(current.service);
  if (service === undefined) {
    const remedy = "Put it back into medic.yaml, or act by hand.";
    return refusedPreview(parts, recovery, { code: "config-gone", why: "it is gone from medic.yaml", remedy });
  }
  const definition = definitionFor(recovery, service.pattern);
  if (definition === undefined) return refusedPreview(parts, recovery, noSuch(recovery, service));
  const { timing } = parts.settings;
  const over = new AbortController();
  try {
    const ports = parts.portsFor(current);
    const asked = { recovery, current, service, timing, ...chosen };
    const reading = parts
      .remembered(service.name)
      .then((blueprint) => definition.preview({ ...asked, ...(blueprint ? { blueprint } : {}) }, ports));
    const late = parts.clock.sleep(previewMs, over.signal).then(() => undefined);
    const preview = await Promise.race([reading, late]);
    // What comes too late comes to nobody; its failure is nobody's either.
    if (preview === undefined) reading.catch(() => undefined);
    return preview ?? refusedPreview(parts, recovery, tooLate);
  } catch (error) {
    return refusedPreview(parts, recovery, refusalOf(error));
  } finally {
    over.abort();
  }
}

type Refused = NonNullable<Preview["refused"]>;

const tooLate: Refused = {
  code: "unread",
  why: `AWS did not answer within ${length(previewMs)}`,
  remedy: "Ask again; an order is tried all the same and reads everything itself before it acts.",
  unread: true,
};

function noSuch(recovery: Recovery, { pattern }: ServiceDefinition): Refused {
  const why = `there is no ${recoveryWords(recovery).name} for pattern ${pattern}`;
  return { code: "unknown-recovery", why, remedy: "Other… lists what there is for it." };
}

/** Only what a plan itself refuses, or AWS for good, says that it cannot run; everything else was not found out. */
function refusalOf(error: unknown): Refused {
  if (!(error instanceof MedicError)) {
    const why = "reading what it would do failed in a way the bot does not know";
    return {
      code: "unknown-failure",
      why,
      remedy: "Look at the bot's log; an order is tried all the same.",
      unread: true,
    };
  }
  const { code, message: why, next: remedy } = error;
  const isKnown = error instanceof RecoveryRefused || (error.retry === "never" && error.code !== "unknown-failure");
  return { code, why, remedy, ...(isKnown ? {} : { unread: true as const }) };
}

function refusedPreview({ clock }: PreviewsParts, recovery: Recovery, refused: Refused): Preview {
  const words = recoveryWords(recovery);
  const { steps, downtime, data = "", address = "" } = words;
  return { recovery, readAt: clock.now(), headline: "", steps, downtime, data, address, mind: [], refused };
}
