import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { StartInstanceRefreshCommand } from "@aws-sdk/client-auto-scaling";
import {
  AssociateAddressCommand,
  AttachVolumeCommand,
  CreateSnapshotCommand,
  DescribeInstancesCommand,
  RebootInstancesCommand,
  RegisterImageCommand,
  RunInstancesCommand,
  StopInstancesCommand,
} from "@aws-sdk/client-ec2";
import { ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { SendCommandCommand } from "@aws-sdk/client-ssm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bounded } from "../../src/aws/bounded.ts";
import { homeClients, regionClients } from "../../src/aws/clients.ts";
import { ec2Compute } from "../../src/aws/compute.ts";
import { translate } from "../../src/aws/translate.ts";
import { Throttled, Unreachable } from "../../src/domain/errors.ts";
import type { InstanceId } from "../../src/domain/words.ts";
import { createVirtualClock } from "../../src/memory/virtualClock.ts";
import { scripted } from "./scripted.ts";
import { keepEnvironment } from "../setup/environment.ts";

const id = "i-0a1b2c3d4e5f60001" as InstanceId;

type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void;
let server: Server;
let answer: Answer;
let requests: string[];
keepEnvironment("each");

beforeEach(async () => {
  requests = [];
  server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () => {
      requests.push(/Action=(\w+)/.exec(body)?.[1] ?? String(request.headers["x-amz-target"]));
      answer(request, response, requests.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  });
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const errors = (code: string) =>
  `<Response><Errors><Error><Code>${code}</Code><Message>m</Message></Error></Errors></Response>`;
const refuse = (response: ServerResponse, status: number, code: string) => {
  response.writeHead(status, { "content-type": "text/xml" }).end(errors(code));
};
const fine = (response: ServerResponse) => {
  response
    .writeHead(200, { "content-type": "text/xml" })
    .end("<RebootInstancesResponse><return>true</return></RebootInstancesResponse>");
};

/** Short, so that the real time that these few tests need stays short too. */
const callMs = 400;

describe("clients on a wire", () => {
  it("give up on a server that takes the request and never answers, within one call's time", async () => {
    answer = () => undefined;
    const startedAt = performance.now();
    const error = await ec2Compute(regionClients("eu-west-1", callMs).ec2)
      .instance(id)
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(Unreachable);
    expect(performance.now() - startedAt).toBeLessThan(callMs + 5_000);
  });

  it("give up on an answer that begins and never ends", async () => {
    answer = (_request, response) => {
      response.writeHead(200, { "content-type": "text/xml" });
      response.write("<DescribeInstancesResponse>");
    };
    const error = await ec2Compute(regionClients("eu-west-1", callMs).ec2)
      .instance(id)
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(Unreachable);
  });

  it("never send a reboot again whose answer was lost or was a server error", async () => {
    const { ec2 } = regionClients("eu-west-1", 5_000);
    answer = (_request, response) => refuse(response, 500, "InternalError");
    await expect(ec2Compute(ec2).reboot(id)).rejects.toBeInstanceOf(Unreachable);
    answer = (request) => void request.socket.destroy();
    await expect(ec2Compute(ec2).reboot(id)).rejects.toBeInstanceOf(Unreachable);
    expect(requests).toEqual(["RebootInstances", "RebootInstances"]);
    const impatient = regionClients("eu-west-1", callMs);
    answer = () => undefined;
    await expect(ec2Compute(impatient.ec2).reboot(id)).rejects.toBeInstanceOf(Unreachable);
    expect(requests).toHaveLength(3);
  });

  it("send nothing twice that has no token and does harm twice, but what may be repeated", async () => {
    const { ec2, autoScaling, ssm } = regionClients("eu-west-1", 5_000);
    answer = (_request, response) => refuse(response, 500, "InternalError");
    const volume = { VolumeId: "vol-1", InstanceId: id };
    const once = [
      () => ec2.send(new AssociateAddressCommand({ AllocationId: "eipalloc-1", InstanceId: id })),
      () => ec2.send(new AttachVolumeCommand({ ...volume, Device: "/dev/sdf" })),
      () => ec2.send(new CreateSnapshotCommand({ VolumeId: "vol-1" })),
      () => ec2.send(new RegisterImageCommand({ Name: "shop" })),
      () => autoScaling.send(new StartInstanceRefreshCommand({ AutoScalingGroupName: "shop" })),
      () => ssm.send(new SendCommandCommand({ DocumentName: "AWS-RunShellScript" })),
    ];
    for (const send of once) await expect(send()).rejects.toThrow();
    expect(requests).toEqual([
      "AssociateAddress",
      "AttachVolume",
      "CreateSnapshot",
      "RegisterImage",
      "StartInstanceRefresh",
      "AmazonSSM.SendCommand",
    ]);
    requests = [];
    await expect(ec2.send(new RunInstancesCommand({ MinCount: 1, MaxCount: 1, ClientToken: "t" }))).rejects.toThrow();
    expect(requests).toEqual(Array.from({ length: 3 }, () => "RunInstances"));
  });

  it("send a throttled reboot again, because EC2 has not done it", async () => {
    const { ec2 } = regionClients("eu-west-1", 10_000);
    answer = (_request, response, count) =>
      count < 3 ? refuse(response, 503, "RequestLimitExceeded") : fine(response);
    await ec2Compute(ec2).reboot(id);
    expect(requests).toEqual(Array.from({ length: 3 }, () => "RebootInstances"));
    answer = (_request, response) => refuse(response, 503, "RequestLimitExceeded");
    await expect(ec2Compute(ec2).reboot(id)).rejects.toBeInstanceOf(Throttled);
    expect(requests).toHaveLength(6);
  });

  it("send reads and what may be repeated up to three times", async () => {
    const { ec2 } = regionClients("eu-west-1", 10_000);
    answer = (_request, response, count) => (count % 3 === 0 ? fine(response) : refuse(response, 500, "InternalError"));
    await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    await ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
    expect(requests).toEqual([
      "DescribeInstances",
      "DescribeInstances",
      "DescribeInstances",
      ...Array.from({ length: 3 }, () => "StopInstances"),
    ]);
  });

  it("keep a long poll open longer than an ordinary call, and end it when the program ends", async () => {
    answer = () => undefined;
    const { sqs } = homeClients("eu-west-1", callMs);
    const control = new AbortController();
    const poll = new ReceiveMessageCommand({ QueueUrl: "http://127.0.0.1/1/q", WaitTimeSeconds: 20 });
    const waiting = sqs.send(poll, { abortSignal: control.signal }).catch((e: unknown) => e);
    const first = await Promise.race([waiting, new Promise((resolve) => setTimeout(resolve, callMs * 2, "open"))]);
    expect(first).toBe("open");
    control.abort();
    expect(translate("poll", await waiting)).toBeInstanceOf(Unreachable);
    expect(requests).toEqual(["AmazonSQS.ReceiveMessage"]);
  });
});

describe("the bound around a call", () => {
  const command = new RebootInstancesCommand({ InstanceIds: [id] });
  type Client = { send(command: object, options?: object): Promise<unknown> };

  it("ends a client that hangs before it even sends, and tells it to give up", async () => {
    const clock = createVirtualClock({ startAt: 0 });
    const { client, sent } = scripted<Client>(() => new Promise(() => undefined));
    const ending = bounded(client, () => 10_000, clock)
      .send(command)
      .catch((e: unknown) => e);
    await clock.advance(9_999);
    expect(sent[0]?.signal?.aborted).toBe(false);
    await clock.advance(1);
    expect(await ending).toMatchObject({ name: "TimeoutError" });
    expect(sent[0]?.signal?.aborted).toBe(true);
  });

  it("passes answers and errors through and leaves no timer behind", async () => {
    const clock = createVirtualClock({ startAt: 0 });
    const outer = new AbortController();
    const send = bounded(
      scripted<Client>((_one, count) => (count === 1 ? { fine: true } : new Error("no"))).client,
      () => 10_000,
      clock,
    ).send;
    expect(await send(command, { abortSignal: outer.signal })).toEqual({ fine: true });
    await expect(send(command)).rejects.toThrow("no");
    outer.abort();
    await clock.advance(20_000);
  });

  it("ends with its caller's signal, also when that was aborted before", async () => {
    const clock = createVirtualClock({ startAt: 0 });
    const { client } = scripted<Client>(() => new Promise(() => undefined));
    const outer = new AbortController();
    const ending = bounded(client, () => 10_000, clock).send(command, { abortSignal: outer.signal });
    outer.abort();
    await expect(ending).rejects.toMatchObject({ name: "AbortError" });
    const late = bounded(client, () => 10_000, clock).send(command, { abortSignal: outer.signal });
    await expect(late).rejects.toMatchObject({ name: "AbortError" });
  });
});
