import {
  ChangeResourceRecordSetsCommand,
  CreateHealthCheckCommand,
  CreateHostedZoneCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
  type ResourceRecordSet,
} from "@aws-sdk/client-route-53";
import { beforeAll, expect, it } from "vitest";
import { arcRouting } from "../../src/aws/routing.ts";
import { ssmCommands } from "../../src/aws/commands.ts";
import { route53Dns, route53GapMs } from "../../src/aws/dns.ts";
import { slotsEvery } from "../../src/aws/slots.ts";
import { NotFound } from "../../src/domain/errors.ts";
import { wallClock } from "../../src/ports/clock.ts";
import { motoStage, withMoto, type Gap } from "./motoStage.ts";

withMoto("records, health checks and commands over the wire (moto)", () => {
  const stage = motoStage();
  const route53 = () => new Route53Client({ region: "us-east-1" });
  const dns = () => route53Dns(stage.clients().route53, slotsEvery(route53GapMs, wallClock));
  const commands = () => ssmCommands(stage.clients().ssm);
  let zoneId = "";
  let healthCheckId = "";

  const put = (...sets: ResourceRecordSet[]) =>
    route53().send(
      new ChangeResourceRecordSetsCommand({
        HostedZoneId: zoneId,
        ChangeBatch: { Changes: sets.map((ResourceRecordSet) => ({ Action: "CREATE", ResourceRecordSet })) },
      }),
    );
  const raw = async (name: string) => {
    const answer = await route53().send(new ListResourceRecordSetsCommand({ HostedZoneId: zoneId }));
    return (answer.ResourceRecordSets ?? []).filter((set) => set.Name === name);
  };
  const ResourceRecords = [{ Value: "198.51.100.7" }];

  beforeAll(async () => {
    const zone = await route53().send(new CreateHostedZoneCommand({ Name: "shop.example.", CallerReference: "1" }));
    zoneId = (zone.HostedZone?.Id ?? "").replace("/hostedzone/", "");
    const made = await route53().send(
      new CreateHealthCheckCommand({
        CallerReference: "1",
        HealthCheckConfig: {
          Type: "HTTP",
          IPAddress: "198.51.100.7",
          Port: 80,
          ResourcePath: "/health",
          RequestInterval: 30,
          FailureThreshold: 3,
        },
      }),
    );
    healthCheckId = made.HealthCheck?.Id ?? "";
  });

  it("all sets of a name are told, of no other name", async () => {
    const common = { Name: "app.shop.example.", Type: "A" as const, TTL: 60, HealthCheckId: healthCheckId };
    await put(
      { ...common, SetIdentifier: "one", Failover: "PRIMARY", ResourceRecords },
      { ...common, SetIdentifier: "two", Failover: "SECONDARY", ResourceRecords: [{ Value: "198.51.100.8" }] },
      { Name: "zzz.shop.example.", Type: "A", TTL: 60, ResourceRecords },
      { Name: "*.shop.example.", Type: "A", TTL: 60, ResourceRecords },
    );
    expect(await dns().records(zoneId, "App.shop.example")).toEqual([
      {
        name: "app.shop.example.",
        type: "A",
        set: "one",
        failover: "PRIMARY",
        ttl: 60,
        values: ["198.51.100.7"],
        healthCheckId,
        rest: {},
      },
      {
        name: "app.shop.example.",
        type: "A",
        set: "two",
        failover: "SECONDARY",
        ttl: 60,
        values: ["198.51.100.8"],
        healthCheckId,
        rest: {},
      },
    ]);
    expect(await dns().records(`/hostedzone/${zoneId}`, "*.shop.example.")).toHaveLength(1);
    expect(await dns().records(zoneId, "nothing.shop.example.")).toEqual([]);
    await expect(dns().records("Z0000000000000", "app.shop.example.")).rejects.toBeInstanceOf(NotFound);
  });

  it("an UPSERT changes what is wished and loses nothing else of the record", async () => {
    const name = "geo.shop.example.";
    const GeoLocation = { CountryCode: "DE" };
    await put({ Name: name, Type: "A", TTL: 30, SetIdentifier: "de", GeoLocation, ResourceRecords });
    const [found] = await dns().records(zoneId, name);
    if (found === undefined) throw new Error("the record is not there");
    expect(found.rest).toMatchObject({ GeoLocation });
    const id = await dns().upsert(zoneId, [{ ...found, values: ["198.51.100.9"] }], "shop moves");
    expect(id).toMatch(/^C/);
    expect(await raw(name)).toMatchObject([
      { TTL: 30, SetIdentifier: "de", GeoLocation, ResourceRecords: [{ Value: "198.51.100.9" }] },
    ]);
    expect(await dns().change(id)).toBe("INSYNC");
  });

  it("weights are swapped in one batch, and a plain record becomes an alias without TTL", async () => {
    const name = "weighted.shop.example.";
    await put(
      { Name: name, Type: "A", TTL: 60, SetIdentifier: "one", Weight: 100, ResourceRecords },
      { Name: name, Type: "A", TTL: 60, SetIdentifier: "two", Weight: 0, ResourceRecords },
    );
    const [one, two] = await dns().records(zoneId, name);
    if (one === undefined || two === undefined) throw new Error("the records are not there");
    expect([one.weight, two.weight]).toEqual([100, 0]);
    await dns().upsert(
      zoneId,
      [
        { ...one, weight: 0 },
        { ...two, weight: 100 },
      ],
      "failover",
    );
    expect((await dns().records(zoneId, name)).map((each) => [each.set, each.weight, each.ttl])).toEqual([
      ["one", 0, 60],
      ["two", 100, 60],
    ]);
    const alias = { zoneId, dnsName: "app.shop.example.", evaluateHealth: true };
    const record = { name: "alias.shop.example.", type: "A", values: [], alias, rest: {} };
    await dns().upsert(zoneId, [record], "an alias");
    const [kept] = await dns().records(zoneId, record.name);
    expect(kept).toMatchObject({ alias: { zoneId, evaluateHealth: true } });
    expect(kept).not.toHaveProperty("ttl");
  });

  it("a health check is read and inverted (moto neither counts versions nor refuses an old one)", async () => {
    const found = await dns().healthCheck(healthCheckId);
    expect(found).toMatchObject({ id: healthCheckId, inverted: false, disabled: false, type: "HTTP" });
    await dns().setInverted(healthCheckId, true, found?.version ?? 0);
    expect(await dns().healthCheck(healthCheckId)).toMatchObject({ inverted: true });
    await dns().setInverted(healthCheckId, false, found?.version ?? 0);
    expect(await dns().healthCheck(healthCheckId)).toMatchObject({ inverted: false });
    expect(await dns().healthCheck("00000000-0000-0000-0000-000000000000")).toBeUndefined();
    expect(await dns().healthOf(healthCheckId)).toBe("healthy");
  });

  it("a shell line is sent to an instance and its end is told (moto runs nothing: it succeeds at once)", async () => {
    const instanceId = await stage.launch("writer");
    const id = await commands().run(instanceId, "systemctl stop writer", { comment: "shop/1", timeoutSeconds: 60 });
    expect(await commands().result(id, instanceId)).toBe("success");
    expect(await commands().result(id, "i-0fffffffffffffff0")).toBeUndefined();
  });

  it("what this moto cannot do stays listed here: each still fails, and gets a test when it does not", async () => {
    const endpoints = [{ region: "us-east-1", url: `${stage.endpoint()}/` }];
    const arn = "arn:aws:route53-recovery-control::123456789012:controlpanel/1/routingcontrol/1";
    const routing = arcRouting(stage.clients().cluster);
    const gaps: readonly Gap[] = [
      { call: "GetRoutingControlState", how: () => routing.state(endpoints, arn), code: "unreachable" },
      {
        call: "UpdateRoutingControlStates",
        how: () => routing.set(endpoints, [{ controlArn: arn, state: "On" }]),
        code: "unreachable",
      },
    ];
    for (const { call, how, code } of gaps) await expect(how(), call).rejects.toMatchObject({ code });
  });
});
