/** Asks the services of simulated accounts, as their users would. A silent service costs the probe's whole time limit. */
import type { Clock } from "../ports/clock.ts";
import type { ProbeDefinition } from "../domain/service.ts";
import type { ProbeAnswer, Prober } from "../ports/prober.ts";
import type { Account } from "./account.ts";
import type { SiteAnswer } from "./sites.ts";

export function memoryProber(accounts: readonly Account[], clock: Clock): Prober {
  return {
    ask: async (probe) => {
      const named = probe.kind === "http" ? new URL(probe.url).hostname : probe.host;
      const host = probe.connectTo ?? named;
      const answer = await askAll(accounts, host);
      if (answer.kind !== "silent") return judged(probe, host, answer);
      await clock.sleep(probe.timeoutMs);
      return { good: false, detail: `timed out after ${probe.timeoutMs / 1000} s`, tookMs: probe.timeoutMs };
    },
  };
}

async function askAll(accounts: readonly Account[], host: string): Promise<SiteAnswer> {
  for (const account of accounts) {
    const answer = await account.calls.site(host);
    if (answer.kind !== "unknown-host") return answer;
  }
  return { kind: "unknown-host" };
}

function judged(probe: ProbeDefinition, host: string, answer: Exclude<SiteAnswer, { kind: "silent" }>): ProbeAnswer {
  if (answer.kind === "unknown-host") return { good: false, detail: `${host} has no address`, tookMs: 0 };
  if (answer.kind === "refused") return { good: false, detail: "connection refused", tookMs: 1 };
  const took = { tookMs: answer.tookMs };
  if (probe.kind === "tcp") return { good: true, detail: `connected in ${answer.tookMs} ms`, ...took };
  if (answer.status < probe.statusMin || answer.status > probe.statusMax) {
    return { good: false, detail: `status ${answer.status}, wanted ${probe.statusMin} to ${probe.statusMax}`, ...took };
  }
  if (probe.text !== undefined && !answer.body.includes(probe.text)) {
    return { good: false, detail: `status ${answer.status}, but the page lacks "${probe.text}"`, ...took };
  }
  return { good: true, detail: `${answer.status} in ${answer.tookMs} ms`, ...took };
}
