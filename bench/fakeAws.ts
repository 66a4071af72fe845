/**
 * Answers the reads that follow a card (instances, status checks, alarms, metrics) at once: what AWS would add is waiting, not CPU of
 * the bot. In the three wire forms that the SDK's clients speak.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { bodyOf } from "./fakeSlack.ts";

export interface FakeAws {
  readonly url: string;
  readonly calls: Readonly<Record<string, number>>;
  close(): void;
}

export async function startFakeAws(): Promise<FakeAws> {
  const calls: Record<string, number> = {};
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const action = /(?:^|&)Action=(\w+)/.exec(body)?.[1];
      const name = action ?? request.headers["x-amz-target"]?.toString() ?? request.url ?? "?";
      calls[name] = (calls[name] ?? 0) + 1;
      if (request.headers["smithy-protocol"] === "rpc-v2-cbor") {
        response.writeHead(200, { "content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor" });
        // An empty CBOR map: nothing found.
        return response.end(Buffer.from([0xa0]));
      }
      if (action === undefined) {
        response.writeHead(200, { "content-type": "application/x-amz-json-1.0" });
        return response.end("{}");
      }
      response.writeHead(200, { "content-type": "text/xml" });
      response.end(xml(action, /InstanceId\.1=(i-\w+)/.exec(body)?.[1] ?? "i-0"));
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function xml(action: string, instance: string): string {
  const inside: Readonly<Record<string, string>> = {
    DescribeInstances: `<reservationSet><item><instancesSet><item><instanceId>${instance}</instanceId><instanceType>t4g.small</instanceType><launchTime>2026-01-01T00:00:00.000Z</launchTime><placement><availabilityZone>eu-west-1a</availabilityZone></placement><instanceState><code>16</code><name>running</name></instanceState></item></instancesSet></item></reservationSet>`,
    DescribeInstanceStatus: `<instanceStatusSet><item><instanceId>${instance}</instanceId><instanceState><code>16</code><name>running</name></instanceState><systemStatus><status>ok</status></systemStatus><instanceStatus><status>impaired</status></instanceStatus></item></instanceStatusSet>`,
  };
  const result = inside[action] ?? `<${action}Result></${action}Result>`;
  return `<?xml version="1.0"?><${action}Response>${result}</${action}Response>`;
}
