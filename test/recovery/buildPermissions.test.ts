/** Every IAM action that building anew needs is declared beside its plan, and none in vain. */
import { expect, test } from "vitest";
import { drill } from "../../src/recovery/drillDefinition.ts";
import { definitionFor } from "../../src/recovery/index.ts";
import { prune } from "../../src/recovery/pruneDefinition.ts";
import { reprovision } from "../../src/recovery/reprovisionDefinition.ts";
import { diskStory } from "./diskStory.ts";
import { permissionsOff } from "./planPermissions.ts";
import { carryPlan } from "./planWorld.ts";
import { loneAccount, loneService, loneStory, old } from "./reprovisionStory.ts";

const group = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef";

test("re-provisioning: with an address, with a record, with a target group, and of the disk alone", async () => {
  const { elasticIp: _address, ...bare } = loneService;
  const behind = loneStory({
    title: "behind a load balancer",
    service: { ...loneService, targetGroups: [group] },
    accounts: loneAccount({ account: { targetGroups: [{ arn: group, targets: [old] }] } }),
  });
  const named = loneStory({
    title: "found by a record",
    service: { ...bare, dns: { zoneId: "Z1", name: "web.example.", type: "A" } },
    accounts: loneAccount({
      zones: [{ id: "Z1", records: [{ name: "web.example.", type: "A", ttl: 60, values: ["192.0.2.1"] }] }],
    }),
    placement: { instanceId: old },
  });
  const runs = await Promise.all([behind, named, diskStory({ title: "" })].map((story) => carryPlan(story)));
  expect(runs.map(({ outcome }) => outcome?.kind)).toEqual(["done", "done", "done"]);
  expect(permissionsOff({ definition: reprovision }, runs)).toEqual({ missing: [], idle: [] });
});

test("the words lead to these plans on the patterns that have them", () => {
  expect(definitionFor("reprovision", "instance")).toBe(reprovision);
  expect(definitionFor("reprovision", "standby")).toBe(reprovision);
  expect(definitionFor("reprovision-dr", "instance")?.id).toBe("reprovision-dr@1");
  expect(definitionFor("drill", "standby")).toBe(drill);
  expect(definitionFor("prune", "asg-ebs")).toBe(prune);
  expect(definitionFor("reprovision", "alb-asg")).toBeUndefined();
});
