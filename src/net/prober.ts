/**
 * Asks the service itself over the network. HTTP goes through undici without following redirects or reusing connections: a
 * probe must see what a new user would see. Never throws.
 */
import { connect } from "node:net";
import { Agent, buildConnector, request } from "undici";
import { clip } from "../domain/limits.ts";
import type { ProbeDefinition } from "../domain/service.ts";
import type { Clock } from "../ports/clock.ts";
import type { ProbeAnswer, Prober } from "../ports/prober.ts";

/** Enough to find the expected text on a status page; the rest is not read. */
const bodyBytesMax = 256 * 1024;

export function networkProber(clock: Clock): Prober {
  return {
    ask: async (probe) => {
      const startedAt = clock.now();
      const tookMs = () => clock.now() - startedAt;
      try {
        const { good, detail } = probe.kind === "http" ? await askHttp(probe) : await askTcp(probe);
        return { good, detail: `${detail} in ${tookMs()} ms`, tookMs: tookMs() };
      } catch (error) {
        return { good: false, detail: failure(error, probe), tookMs: tookMs() };
      }
    },
  };
}

type Judged = Pick<ProbeAnswer, "good" | "detail">;

async function askHttp(probe: Extract<ProbeDefinition, { kind: "http" }>): Promise<Judged> {
  if (probe.connectTo === undefined) return judgeHttp(probe);
  const machine = agentTo(probe.connectTo, probe.timeoutMs);
  try {
    return await judgeHttp(probe, machine);
  } finally {
    await machine.destroy();
  }
}

/** Goes to one machine whatever the name resolves to; Host, certificate and port stay those of the URL. */
function agentTo(address: string, timeoutMs: number): Agent {
  const connectHttp = buildConnector({ timeout: timeoutMs });
  return new Agent({
    connect: (options, done) =>
      connectHttp({ ...options, hostname: address, servername: options.servername ?? options.hostname }, done),
  });
}

async function judgeHttp(probe: Extract<ProbeDefinition, { kind: "http" }>, dispatcher?: Agent): Promise<Judged> {
  const { statusCode, body } = await request(probe.url, {
    method: "GET",
    headers: { "user-agent": "ec2-medic probe", "cache-control": "no-cache", connection: "close" },
    reset: true,
    signal: AbortSignal.timeout(probe.timeoutMs),
    ...(dispatcher ? { dispatcher } : {}),
  });
  const text = probe.text === undefined ? (await body.dump(), "") : await firstBytes(body);
  if (statusCode < probe.statusMin || statusCode > probe.statusMax) {
    return { good: false, detail: `status ${statusCode}, wanted ${range(probe.statusMin, probe.statusMax)},` };
  }
  if (probe.text !== undefined && !text.includes(probe.text)) {
    return { good: false, detail: `status ${statusCode} without the expected text "${clip(probe.text, 60)}"` };
  }
  return { good: true, detail: `status ${statusCode}` };
}

const range = (min: number, max: number) => (min === max ? String(min) : `${min} to ${max}`);

async function firstBytes(body: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of body) {
    parts.push(part);
    bytes += part.length;
    if (bytes >= bodyBytesMax) break;
  }
  return Buffer.concat(parts).toString("utf8");
}

function askTcp(probe: Extract<ProbeDefinition, { kind: "tcp" }>): Promise<Judged> {
  const { host, port, timeoutMs, connectTo } = probe;
  return new Promise((resolve, reject) => {
    const socket = connect({ host: connectTo ?? host, port, timeout: timeoutMs });
    socket.once("connect", () => {
      socket.destroy();
      resolve({ good: true, detail: `port ${port} open` });
    });
    socket.once("timeout", () => {
      socket.destroy();
      reject(new DOMException("timed out", "TimeoutError"));
    });
    socket.once("error", reject);
  });
}

/** Node's own words for what a person calls it. */
const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  UND_ERR_SOCKET: "connection closed before an answer",
  ENOTFOUND: "name does not resolve",
  EAI_AGAIN: "name does not resolve now",
  EHOSTUNREACH: "host unreachable",
  ENETUNREACH: "network unreachable",
  CERT_HAS_EXPIRED: "certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "certificate is self-signed",
};

function failure(error: unknown, probe: ProbeDefinition): string {
  if (error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError")) {
    return `timed out after ${probe.timeoutMs / 1000} s`;
  }
  const { code, message } = error as { code?: string; message?: string };
  return words[code ?? ""] ?? clip(code ?? message ?? "no answer", 120);
}
