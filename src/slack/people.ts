/**
 * Who people are and who may approve. Fails closed: unknown, guests, strangers, bots, deleted people, and answers too old to
 * trust are all "no", with the reason.
 */
import { hasPassed } from "../ports/clock.ts";
import type { Clock } from "../ports/clock.ts";
import { codeOf } from "../domain/errors.ts";
import { groupUsersAnswer, userAnswer } from "./answerShapes.ts";
import { SlackRefusal, type SlackWebApi } from "./webApi.ts";

export interface Standing {
  readonly name: string;
  /** May this kind of person approve at all? */
  readonly ordinary: boolean;
  /** Why not. */
  readonly detail: string;
  readonly tzOffsetMs: number;
}

export interface Approvers {
  readonly users: readonly string[];
  readonly groups: readonly string[];
}

export interface People {
  mayApprove(person: string, approvers: Approvers): Promise<{ readonly allowed: boolean; readonly detail: string }>;
  /** The name to show; the id itself when Slack does not tell. Never throws. */
  nameOf(person: string): Promise<string>;
  standing(person: string): Promise<Standing>;
  /** Slack told that a group changed: its members are asked anew. */
  forgetGroup(group?: string): void;
  forgetPerson(person: string): void;
}

/** Asked again after this; `usergroups.users.list` is one of Slack's slow tiers (20 a minute). */
const freshMs = 5 * 60_000;
/** Older answers are no ground for a yes when Slack is silent. */
const trustedMs = 15 * 60_000;
/** People and groups that are remembered; the oldest give way. */
const rememberedMax = 2_000;

interface Known<T> {
  readonly at: number;
  readonly value: T;
}

export function createPeople(options: {
  readonly api: SlackWebApi;
  readonly clock: Clock;
  /** Our own workspace, once known: people of others are strangers. */
  readonly teamId?: () => string | undefined;
}): People {
  const { api, clock } = options;
  const standings = cached<Standing>(clock, (id) => readStanding(api, id, options.teamId?.()));
  const groups = cached<ReadonlySet<string>>(clock, (id) => readGroup(api, id));
  const isMember = async (person: string, group: string) => (await groups.get(group)).has(person);
  return {
    standing: (person) => standings.get(person),
    async nameOf(person) {
      try {
        return (await standings.get(person)).name;
      } catch {
        return person;
      }
    },
    async mayApprove(person, approvers) {
      if (approvers.users.length === 0 && approvers.groups.length === 0) {
        return { allowed: false, detail: "no approvers are configured for this service, so no button works" };
      }
      try {
        const standing = await standings.get(person);
        if (!standing.ordinary) return { allowed: false, detail: standing.detail };
        if (approvers.users.includes(person)) return { allowed: true, detail: "named as approver" };
        for (const group of approvers.groups) {
          if (await isMember(person, group)) return { allowed: true, detail: `member of approver group ${group}` };
        }
      } catch (error) {
        return {
          allowed: false,
          detail: `Slack did not say who you are (${codeOf(error)}), so the answer is no; try again`,
        };
      }
      return { allowed: false, detail: "you are not among this service's approvers" };
    },
    forgetGroup: (group) => groups.forget(group),
    forgetPerson: (person) => standings.forget(person),
  };
}

function cached<T>(clock: Clock, read: (id: string) => Promise<T>) {
  const known = new Map<string, Known<T>>();
  const stale = new Set<string>();
  const asking = new Map<string, Promise<T>>();
  const ask = (id: string): Promise<T> => {
    const running = asking.get(id);
    if (running) return running;
    const started = read(id)
      .then((value) => {
        known.delete(id);
        known.set(id, { at: clock.now(), value });
        stale.delete(id);
        const oldest = known.size > rememberedMax ? known.keys().next().value : undefined;
        if (oldest !== undefined) known.delete(oldest);
        return value;
      })
      .finally(() => asking.delete(id));
    asking.set(id, started);
    return started;
  };
  return {
    async get(id: string): Promise<T> {
      const have = known.get(id);
      if (have !== undefined && !hasPassed(clock, have.at, freshMs) && !stale.has(id)) return have.value;
      try {
        return await ask(id);
      } catch (error) {
        // A change that Slack announced is never papered over with the old answer.
        if (
          have !== undefined &&
          !hasPassed(clock, have.at, trustedMs) &&
          !stale.has(id) &&
          !(error instanceof SlackRefusal)
        )
          return have.value;
        throw error;
      }
    },
    forget(id?: string) {
      for (const each of id === undefined ? [...known.keys()] : [id]) stale.add(each);
    },
  };
}

async function readStanding(api: SlackWebApi, id: string, teamId: string | undefined): Promise<Standing> {
  const { user } = userAnswer.parse(await api.call("users.info", { user: id }));
  // The full name: it stands in the record, where a nickname helps nobody.
  const name = user.real_name || user.profile?.real_name || user.profile?.display_name || user.name || id;
  const tzOffsetMs = (user.tz_offset ?? 0) * 1000;
  const no = (detail: string): Standing => ({ name, ordinary: false, detail, tzOffsetMs });
  if (user.deleted) return no("this account is deactivated");
  if (user.is_bot) return no("a bot cannot approve");
  if (user.is_restricted || user.is_ultra_restricted) return no("guests cannot approve");
  if (user.is_stranger) return no("people of another workspace cannot approve");
  if (teamId !== undefined && user.team_id !== undefined && user.team_id !== teamId) {
    return no("people of another workspace cannot approve");
  }
  return { name, ordinary: true, detail: "", tzOffsetMs };
}

async function readGroup(api: SlackWebApi, id: string): Promise<ReadonlySet<string>> {
  return new Set(groupUsersAnswer.parse(await api.call("usergroups.users.list", { usergroup: id })).users);
}
