import type { SSMClient } from "@aws-sdk/client-ssm";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { regionClients } from "../../src/aws/clients.ts";
import { ssmCommands } from "../../src/aws/commands.ts";
import { arcRouting, type Cluster } from "../../src/aws/routing.ts";
import { Unreachable, WrongState } from "../../src/domain/errors.ts";
import { awsError, scripted, type Script } from "./scripted.ts";
import { keepEnvironment } from "../setup/environment.ts";

const arn = "arn:aws:route53-recovery-control::123456789012:controlpanel/1/routingcontrol/1";
const endpoints = ["us-east-1", "eu-west-1", "us-west-2"].map((region) => ({ region, url: `https://${region}.test` }));

/** Each region answers by its own script; `asked` is the order in which they were asked. */
function cluster(scripts: Readonly<Record<string, Script>>) {
  const asked: string[] = [];
  const routing = arcRouting(({ region }) => {
    asked.push(region);
    return scripted<Cluster>(scripts[region] ?? (() => awsError("TimeoutError"))).client;
  });
  return { routing, asked };
}

describe("ARC as the routing port", () => {
  it("asks every endpoint until one answers, and begins with that one the next time", async () => {
    const { routing, asked } = cluster({
      "eu-west-1": () => awsError("EndpointTemporarilyUnavailableException", 503),
      "us-west-2": () => ({ RoutingControlState: "On" }),
    });
    expect(await routing.state(endpoints, arn)).toBe("On");
    expect(await routing.state(endpoints, arn)).toBe("On");
    expect(asked).toEqual(["us-east-1", "eu-west-1", "us-west-2", "us-west-2"]);
  });

  it("is silent only when all are", async () => {
    const { routing, asked } = cluster({});
    await expect(routing.state(endpoints, arn)).rejects.toBeInstanceOf(Unreachable);
    expect(asked).toHaveLength(3);
    await expect(routing.state([], arn)).rejects.toBeInstanceOf(Unreachable);
  });

  it("takes a refusal for the cluster's own, and overrides no safety rule", async () => {
    const { routing, asked } = cluster({ "us-east-1": () => awsError("ConflictException", 409) });
    await expect(routing.set(endpoints, [{ controlArn: arn, state: "On" }])).rejects.toBeInstanceOf(WrongState);
    expect(asked).toEqual(["us-east-1"]);
  });

  it("sets all controls in one request", async () => {
    const inputs: unknown[] = [];
    const { routing } = cluster({ "us-east-1": ({ input }) => (inputs.push(input), {}) });
    await routing.set(endpoints, [
      { controlArn: "a", state: "Off" },
      { controlArn: "b", state: "On" },
    ]);
    expect(inputs).toEqual([
      {
        UpdateRoutingControlStateEntries: [
          { RoutingControlArn: "a", RoutingControlState: "Off" },
          { RoutingControlArn: "b", RoutingControlState: "On" },
        ],
      },
    ]);
  });
});

describe("endpoints of a cluster on a wire", () => {
  const servers: Server[] = [];
  keepEnvironment("each");
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
  const listen = async (hear: (body: string) => object | undefined) => {
    const server = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (text: string) => (body += text));
      request.on("end", () => {
        const answer = hear(body);
        if (answer)
          response.writeHead(200, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(answer));
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  it("one that never answers costs its share of a call's time, and the next one is asked", async () => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" });
    const heard: string[] = [];
    const hung = await listen(() => undefined);
    const well = await listen((body) => {
      heard.push(body);
      return { RoutingControlArn: arn, RoutingControlState: "On" };
    });
    const callMs = 1_500;
    const routing = arcRouting(regionClients("eu-west-1", callMs).cluster);
    const startedAt = performance.now();
    const both = [
      { region: "us-east-1", url: hung },
      { region: "us-west-2", url: well },
    ];
    expect(await routing.state(both, arn)).toBe("On");
    expect(performance.now() - startedAt).toBeLessThan(callMs + 1_000);
    expect(JSON.parse(heard[0] ?? "{}")).toEqual({ RoutingControlArn: arn });
  });
});

describe("SSM as the commands port", () => {
  const commands = (script: Script) => {
    const { client, sent } = scripted<SSMClient>(script);
    return { port: ssmCommands(client), sent };
  };

  it("sends one shell line to one instance, with both time limits", async () => {
    const { port, sent } = commands(() => ({ Command: { CommandId: "c-1" } }));
    expect(await port.run("i-1", "systemctl stop db", { comment: "x".repeat(200), timeoutSeconds: 20 })).toBe("c-1");
    expect(sent[0]?.input).toEqual({
      DocumentName: "AWS-RunShellScript",
      InstanceIds: ["i-1"],
      Comment: `${"x".repeat(99)}…`,
      TimeoutSeconds: 30,
      Parameters: { commands: ["systemctl stop db"], executionTimeout: ["20"] },
    });
    const unmanaged = commands(() => awsError("InvalidInstanceId"));
    await expect(unmanaged.port.run("i-1", "true", { comment: "", timeoutSeconds: 60 })).rejects.toBeInstanceOf(
      WrongState,
    );
  });

  it("tells the end of a command, and nothing while SSM does not know it yet", async () => {
    const ends = { Pending: "pending", InProgress: "pending", Delayed: "pending", Cancelling: "pending" } as const;
    const failures = { Cancelled: "failed", TimedOut: "failed", Failed: "failed", Success: "success" } as const;
    for (const [Status, end] of Object.entries({ ...ends, ...failures }))
      expect(await commands(() => ({ Status })).port.result("c-1", "i-1"), Status).toBe(end);
    expect(await commands(() => awsError("InvocationDoesNotExist")).port.result("c-1", "i-1")).toBeUndefined();
  });
});
