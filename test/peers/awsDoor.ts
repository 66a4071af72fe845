/**
 * A small door in front of moto: counts what really arrives there, and can hold one call right before AWS sees it or right after
 * AWS did it, so that the worker behind it can be killed at that very point. It also does the one thing that moto leaves out: an
 * instance that was started again has a later LaunchTime.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface AwsCall {
  readonly action: string;
  /** Empty for calls that name none. */
  readonly instanceId: string;
  /** Whose endpoint it came through. */
  readonly worker: string;
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
  readonly type: string;
  readonly body: string;
}

export async function startAwsDoor(aws: string): Promise<AwsDoor> {
  const landed: AwsCall[] = [];
  const wanted: Wanted[] = [];
  const listeners: ((call: AwsCall) => void)[] = [];
  const startedAt = new Map<string, number>();
  const held = (call: AwsCall, when: Wanted["when"]) => {
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
    const call = callOf(request, body);
    const before = held(call, "before");
    if (before) {
      before.reach(call);
      await before.dropped;
      response.destroy();
      return;
    }
    const answer = await forward(aws, request, body);
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
    response.writeHead(answer.status, { "content-type": answer.type });
    response.end(withLaunchTimes(answer.body, startedAt));
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

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts).toString("utf8");
}

function callOf(request: IncomingMessage, body: string): AwsCall {
  const asked = new URLSearchParams(body);
  return {
    // EC2 names the action in its body, SQS in a header.
    action: asked.get("Action") ?? targetOf(request).split(".")[1] ?? "",
    instanceId: asked.get("InstanceId.1") ?? "",
    worker: (request.url ?? "/").split("/")[1] ?? "",
  };
}

const targetOf = ({ headers }: IncomingMessage) => String(headers["x-amz-target"] ?? "");

const isMutating = ({ action }: AwsCall) => !/^(Describe|Get|List|Receive)/.test(action);

async function forward(aws: string, request: IncomingMessage, body: string): Promise<Answer> {
  // moto reads from the signature's scope which service is meant.
  const { authorization = "", "content-type": type = "", "x-amz-date": date = "" } = request.headers;
  const headers = {
    authorization,
    "content-type": type,
    "x-amz-date": String(date),
    "x-amz-target": targetOf(request),
  };
  const answer = await fetch(aws, { method: "POST", headers, body });
  return { status: answer.status, type: answer.headers.get("content-type") ?? "text/xml", body: await answer.text() };
}

function withLaunchTimes(xml: string, startedAt: ReadonlyMap<string, number>): string {
  let answer = xml;
  for (const [id, at] of startedAt) {
    const instance = new RegExp(`(<instanceId>${id}</instanceId>[\\s\\S]*?<launchTime>)[^<]*`, "g");
    answer = answer.replace(instance, (_whole, before: string) => before + new Date(at).toISOString());
  }
  return answer;
}
