/**
 * Sends owed mails. A claim per mail keeps two workers from sending the same one; a claim whose worker died is taken over, which
 * is the one case in which a mail may come twice.
 */
import { MedicError } from "../domain/errors.ts";
import type { Owed, ServiceCase } from "../domain/serviceCase.ts";
import type { Settings } from "../domain/settings.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Mail } from "../ports/mail.ts";
import type { Records } from "../ports/store.ts";
import { mailText } from "./mailText.ts";

type OwedMail = Extract<Owed, { kind: "mail" }>;

export interface MailRelay {
  /** True when the mail went out now and says what is proposed, so that people count as told. Throws when it must be tried again. */
  send(owed: OwedMail, current: ServiceCase): Promise<boolean>;
}

export interface MailParts {
  readonly mail: Mail | undefined;
  readonly records: Records;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: Settings;
  readonly worker: string;
}

export interface Claim {
  readonly worker: string;
  readonly at: number;
  readonly sentAt?: number;
}

/** A publish takes seconds; after this a claim without a result belongs to a dead worker. */
const claimMs = 60_000;
/** What a mail about an outcome says is over; only these tell people what will happen. */
const tells: ReadonlySet<OwedMail["about"]> = new Set(["opening", "before-run", "escalation"]);

export function makeMailRelay(parts: MailParts): MailRelay {
  const { mail, records, clock, log, settings, worker } = parts;
  return {
    send: async (owed, current) => {
      if (mail === undefined) return false;
      const key = { collection: "mail", id: owed.id };
      const claim: Claim = { worker, at: clock.now() };
      let rev = 1;
      if (!(await records.putIfAbsent(key, claim))) {
        const standing = await records.get<Claim>(key);
        if (standing === undefined || standing.body.sentAt !== undefined) return false;
        const isOurs = standing.body.worker === worker;
        if (!isOurs && clock.now() - standing.body.at < claimMs) throw new ClaimedElsewhere(owed.id);
        if (!(await records.replace(key, claim, standing.rev))) throw new ClaimedElsewhere(owed.id);
        rev = standing.rev + 1;
      }
      const text = mailText(owed.about, {
        current,
        service: settings.services.get(current.service),
        now: clock.now(),
      });
      await mail.send({ id: owed.id, ...text });
      await records.replace(key, { ...claim, sentAt: clock.now() }, rev);
      log.info("mail-sent", { service: current.service, id: owed.id, about: owed.about });
      return tells.has(owed.about);
    },
  };
}

class ClaimedElsewhere extends MedicError {
  constructor(id: string) {
    super("mail-claimed", `mail ${id} is being sent by another worker`, {
      retry: "later",
      next: "It is looked at again by itself.",
    });
  }
}
