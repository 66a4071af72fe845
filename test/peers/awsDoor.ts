/**
 * A small door in front of moto: counts what really arrives there, and can hold one call right before AWS sees it or right after
 * AWS did it, so that the worker behind it can be killed at that very point. It also does what moto leaves out: an instance that was
 * started again has a later LaunchTime, and a hosted zone an id that looks like one.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface AwsCall {
  readonly action: string;
  /** Empty for calls that name none. */
  readonly instanceId: string;
  /** Whose endpoint it came through. */
  readonly worker: string;
  /** As the request is signed: "ec2" in "eu-west-1". */
  readonly service: string;
  readonly region: string;
  /** Of an assumed role: its session's name. Empty for the bot's own keys. */
  readonly session: string;
  /** Parameters of services that take a form (EC2, Auto Scaling); empty for the others. */
  readonly asked: URLSearchParams;
}

export interface Hold {
  /** Resolves when the call is there and held. */
  readonly reached: Promise<AwsCall>;
  /** Ends the connection without an answer. */
  drop(): void;
}

export interface AwsDoor {
  /** Each worker has an endpoint of its own, so that a call tells who made it. */
  endpointFor(worker: string): string;
  /** What AWS did, in order. */
  landed(action: string, instanceId?: string): readonly AwsCall[];
  /** Every call of this session that AWS heard, reads too, in order. */
  heard(session: string): readonly AwsCall[];
  /** The next such call is held: "before" AWS hears of it, or "after" it was done and before the answer is given. */
  holdNext(wanted: WantedCall): Hold;
  /** Called when AWS has done something, before it is answered. */
  onLanded(listener: (call: AwsCall) => void): void;
  close(): Promise<void>;
}

export interface WantedCall {
  readonly action: string;
  /** Absent: whichever. */
  readonly instanceId?: string;
  readonly worker?: string;
  readonly when: "before" | "after";
}

interface Wanted extends WantedCall {
  readonly reach: (call: AwsCall) => void;
  readonly dropped: Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export async function startAwsDoor(aws: string): Promise<AwsDoor> {
  const landed: AwsCall[] = [];
  const heard: AwsCall[] = [];
  /** Names of sessions by the keys that STS gave out for them. */
  const sessions = new Map<string, string>();
  const wanted: Wanted[] = [];
  const listeners: ((call: AwsCall) => void)[] = [];
  const startedAt = new Map<string, number>();
  const held = (call: AwsCall, when: Wanted["when"]) => {
    // Readiness and plans ask whether they may: nothing is done then, and no moment of a run is meant.
    if (call.asked.get("DryRun") === "true") return undefined;
    const at = wanted.findIndex(
      (each) =>
        each.when === when &&
        each.action === call.action &&
        (each.instanceId ?? call.instanceId) === call.instanceId &&
        (each.worker ?? call.worker) === call.worker,
    );
    return at < 0 ? undefined : wanted.splice(at, 1)[0];
  };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const call = callOf(request, body, sessions);
    const before = held(call, "before");
    if (before) {
      before.reach(call);
      await before.dropped;
      response.destroy();
      return;
    }
    const answer = await forward(aws, request, body);
    heard.push(call);
    if (call.action === "AssumeRole") remember(sessions, call, answer);
    if (answer.status === 200 && isMutating(call)) {
      landed.push(call);
      if (call.action === "StartInstances") startedAt.set(call.instanceId, Date.now());
      for (const listener of listeners) listener(call);
    }
    const after = held(call, "after");
    if (after) {
      after.reach(call);
      await after.dropped;
      response.destroy();
      return;
    }
    response.writeHead(answer.status, answer.headers);
    response.end(call.service === "ec2" ? withLaunchTimes(answer.body.toString("utf8"), startedAt) : answer.body);
  };
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpointFor: (worker) => `http://127.0.0.1:${port}/${worker}`,
    landed: (action, instanceId = "") =>
      landed.filter((call) => call.action === action && call.instanceId === instanceId),
    heard: (session) => heard.filter((call) => call.session === session),
    holdNext: (call) => {
      let reach: (call: AwsCall) => void = () => undefined;
      let drop: () => void = () => undefined;
      const reached = new Promise<AwsCall>((resolve) => (reach = resolve));
      const dropped = new Promise<void>((resolve) => (drop = resolve));
      wanted.push({ ...call, reach, dropped });
      return { reached, drop };
    },
    onLanded: (listener) => void listeners.push(listener),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}

function callOf(request: IncomingMessage, body: Buffer, sessions: ReadonlyMap<string, string>): AwsCall {
  const { authorization = "", "content-type": type = "" } = request.headers;
  const [, key = "", region = "", service = ""] =
    /Credential=([^/]+)\/[^/]+\/([^/]+)\/([^/]+)/.exec(authorization) ?? [];
  const asked = new URLSearchParams(type.includes("form-urlencoded") ? body.toString("utf8") : "");
  return {
    action: asked.get("Action") ?? targetOf(request).split(".")[1] ?? actionOfPath(request),
    instanceId: asked.get("InstanceId.1") ?? "",
    worker: (request.url ?? "/").split("/")[1] ?? "",
    service,
    region,
    session: sessions.get(key) ?? "",
    asked,
  };
}

const targetOf = ({ headers }: IncomingMessage) => String(headers["x-amz-target"] ?? "");

/** EC2 names the action in its body, SQS in a header, CloudWatch at the end of its path, Route 53 by method and path. */
function actionOfPath({ method = "", url = "" }: IncomingMessage): string {
  const path = pathOf(url).split("?")[0] ?? "";
  if (/\/rrset\/?$/.test(path)) return method === "GET" ? "ListResourceRecordSets" : "ChangeResourceRecordSets";
  if (/\/change\/[^/]+$/.test(path)) return "GetChange";
  return path.split("/").at(-1) ?? "";
}

/** Ids of hosted zones begin with Z in AWS, and anyhow in moto: in front of those the door understands this. */
export const zonePrefix = "Z0";

/** What AWS would see: the first part of the path says who asks. */
const pathOf = (url: string) =>
  url.replace(/^\/[^/?]*/, "").replace(`/hostedzone/${zonePrefix}`, "/hostedzone/") || "/";

function remember(sessions: Map<string, string>, call: AwsCall, { body }: Answer): void {
  const [, key] = /<AccessKeyId>([^<]+)</.exec(body.toString("utf8")) ?? [];
  if (key !== undefined) sessions.set(key, call.asked.get("RoleSessionName") ?? "");
}

const isMutating = ({ action }: AwsCall) => !/^(Describe|Get|List|Receive)/.test(action);

/** Of one connection each, so that the next one has its own. */
const hopByHop = [
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
  "content-encoding",
  "expect",
  "keep-alive",
];

async function forward(aws: string, request: IncomingMessage, body: Buffer): Promise<Answer> {
  // moto reads from the signature's scope which service and account are meant.
  const headers = Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
    hopByHop.includes(name) || value === undefined ? [] : [[name, String(value)]],
  );
  const { method = "POST", url = "/" } = request;
  const answer = await fetch(`${aws}${pathOf(url)}`, { method, headers, ...(body.length > 0 ? { body } : {}) });
  const kept = [...answer.headers].filter(([name]) => !hopByHop.includes(name));
  return { status: answer.status, headers: Object.fromEntries(kept), body: Buffer.from(await answer.arrayBuffer()) };
}

function withLaunchTimes(xml: string, startedAt: ReadonlyMap<string, number>): string {
  let answer = xml;
  for (const [id, at] of startedAt) {
    const instance = new RegExp(`(<instanceId>${id}</instanceId>[\\s\\S]*?<launchTime>)[^<]*`, "g");
    answer = answer.replace(instance, (_whole, before: string) => before + new Date(at).toISOString());
  }
  return answer;
}
