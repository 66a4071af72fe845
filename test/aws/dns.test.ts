import type { Route53Client } from "@aws-sdk/client-route-53";
import { describe, expect, it } from "vitest";
import { route53Dns, route53GapMs } from "../../src/aws/dns.ts";
import { slotsEvery } from "../../src/aws/slots.ts";
import { NotFound, Throttled } from "../../src/domain/errors.ts";
import { createVirtualClock } from "../../src/memory/virtualClock.ts";
import { awsError, scripted, type Script } from "./scripted.ts";

const now = () => Promise.resolve();

function dns(script: Script) {
  const { client, sent } = scripted<Route53Client>(script);
  return { port: route53Dns(client, now), sent };
}

const primary = {
  Name: "app.shop.example.",
  Type: "A",
  SetIdentifier: "one",
  Failover: "PRIMARY",
  TTL: 60,
  ResourceRecords: [{ Value: "198.51.100.7" }],
  HealthCheckId: "hc-1",
  Region: "eu-west-1",
  CidrRoutingConfig: { CollectionId: "c", LocationName: "l" },
};

describe("Route 53 as the DNS port", () => {
  it("an UPSERT of a record that was read sends all of it back, whatever the port has no word for", async () => {
    const { port, sent } = dns(({ name }) =>
      name === "ListResourceRecordSetsCommand"
        ? { ResourceRecordSets: [primary], IsTruncated: false }
        : { ChangeInfo: { Id: "/change/C1", Status: "PENDING" } },
    );
    const [found] = await port.records("/hostedzone/Z1", "app.shop.example.");
    if (found === undefined) throw new Error("the record is not there");
    expect(await port.upsert("Z1", [{ ...found, values: ["198.51.100.8"] }], "x".repeat(300))).toBe("C1");
    const [list, change] = sent;
    expect(list?.input).toEqual({ HostedZoneId: "Z1", StartRecordName: "app.shop.example." });
    const batch = change?.input["ChangeBatch"] as { Comment: string; Changes: unknown[] };
    expect(batch.Comment).toHaveLength(256);
    expect(batch.Changes).toEqual([
      { Action: "UPSERT", ResourceRecordSet: { ...primary, ResourceRecords: [{ Value: "198.51.100.8" }] } },
    ]);
  });

  it("an alias is sent without TTL and values", async () => {
    const { port, sent } = dns(() => ({ ChangeInfo: { Id: "/change/C1" } }));
    const alias = { zoneId: "Z2", dnsName: "lb.example.", evaluateHealth: true };
    await port.upsert("Z1", [{ name: "app.shop.example.", type: "A", ttl: 60, values: [], alias, rest: {} }], "c");
    const batch = sent[0]?.input["ChangeBatch"] as { Changes: { ResourceRecordSet: object }[] };
    expect(batch.Changes[0]?.ResourceRecordSet).toEqual({
      Name: "app.shop.example.",
      Type: "A",
      AliasTarget: { HostedZoneId: "Z2", DNSName: "lb.example.", EvaluateTargetHealth: true },
    });
  });

  it("follows the pages of one name and stops at the next name", async () => {
    const { port, sent } = dns((_one, count) =>
      count === 1
        ? {
            ResourceRecordSets: [primary],
            IsTruncated: true,
            NextRecordName: "app.shop.example.",
            NextRecordType: "A",
            NextRecordIdentifier: "two",
          }
        : {
            ResourceRecordSets: [
              { ...primary, SetIdentifier: "two" },
              { ...primary, Name: "b.shop.example." },
            ],
            IsTruncated: true,
            NextRecordName: "b.shop.example.",
            NextRecordType: "A",
          },
    );
    expect((await port.records("Z1", "app.shop.example")).map(({ set }) => set)).toEqual(["one", "two"]);
    expect(sent).toHaveLength(2);
    expect(sent[1]?.input).toMatchObject({ StartRecordType: "A", StartRecordIdentifier: "two" });
  });

  it("a wildcard is found under the name that Route 53 answers it with", async () => {
    const { port } = dns(() => ({ ResourceRecordSets: [{ ...primary, Name: "\\052.shop.example." }] }));
    expect(await port.records("Z1", "*.shop.example.")).toHaveLength(1);
  });

  it("a change is pending until Route 53 says that it is everywhere", async () => {
    const { port, sent } = dns((_one, count) => ({ ChangeInfo: { Status: count === 1 ? "PENDING" : "INSYNC" } }));
    expect([await port.change("/change/C1"), await port.change("C1")]).toEqual(["PENDING", "INSYNC"]);
    expect(sent.map(({ input }) => input)).toEqual([{ Id: "C1" }, { Id: "C1" }]);
    await expect(dns(() => awsError("NoSuchChange")).port.change("C1")).rejects.toBeInstanceOf(NotFound);
    await expect(dns(() => awsError("PriorRequestNotComplete")).port.change("C1")).rejects.toBeInstanceOf(Throttled);
  });

  it("a health check is inverted only in the version that was read", async () => {
    const check = { Id: "hc-1", HealthCheckVersion: 4, HealthCheckConfig: { Type: "HTTP", Inverted: true } };
    const { port, sent } = dns(() => ({ HealthCheck: check }));
    const found = await port.healthCheck("hc-1");
    expect(found).toEqual({ id: "hc-1", version: 4, inverted: true, disabled: false, type: "HTTP" });
    await port.setInverted("hc-1", false, 4);
    expect(sent[1]?.input).toEqual({ HealthCheckId: "hc-1", HealthCheckVersion: 4, Inverted: false });
    const raced = dns(() => awsError("HealthCheckVersionMismatch", 409));
    await expect(raced.port.setInverted("hc-1", false, 3)).rejects.toMatchObject({
      code: "changed-meanwhile",
      retry: "later",
    });
    expect(await dns(() => awsError("NoSuchHealthCheck", 404)).port.healthCheck("hc-1")).toBeUndefined();
  });

  it("an endpoint is healthy when more than 18 % of the checkers say so", async () => {
    const said = (good: number, bad: number): Script => {
      const report = (Status: string) => ({ StatusReport: { Status } });
      return () => ({
        HealthCheckObservations: [
          ...Array.from({ length: good }, () => report("Success: HTTP Status Code 200, OK")),
          ...Array.from({ length: bad }, () => report("Failure: Connection timed out")),
        ],
      });
    };
    expect(await dns(said(2, 9)).port.healthOf("hc-1")).toBe("healthy");
    expect(await dns(said(2, 10)).port.healthOf("hc-1")).toBe("unhealthy");
    expect(await dns(said(0, 0)).port.healthOf("hc-1")).toBe("unknown");
    expect(await dns(() => awsError("InvalidInput")).port.healthOf("hc-1")).toBe("unknown");
    await expect(dns(() => awsError("Throttling")).port.healthOf("hc-1")).rejects.toBeInstanceOf(Throttled);
  });

  it("asks at most four times a second, whoever asks", async () => {
    const clock = createVirtualClock({ startAt: 0 });
    const slot = slotsEvery(route53GapMs, clock);
    const { client, sent } = scripted<Route53Client>(() => ({ ChangeInfo: { Status: "INSYNC" } }));
    const [one, two] = [route53Dns(client, slot), route53Dns(client, slot)];
    const asking = Array.from({ length: 6 }, (_, index) => (index % 2 ? one : two).change(`C${index}`));
    await clock.advance(999);
    expect(sent).toHaveLength(4);
    await clock.advance(1_000);
    await Promise.all(asking);
    expect(sent).toHaveLength(6);
  });
});
