/** Broken configurations: each is the good one with one change, and what `check` must say about it. */

/** Line numbers below are those of this text. */
export const goodConfig = `defaults:
  channel: C0123456789
  region: eu-west-1
  approvers: { users: [U0MIRA, U0NOOR] }
controlUrl: https://status.example.net
killSwitch: { file: ./autopilot }
digest: { cron: "0 8 * * *", timeZone: UTC }
timing:
  vetoRestart: 5m
services:
  shop-web:
    description: The web shop
    pattern: instance
    target: { tag: Name=shop-web }
    probe: { url: https://shop.example.com/healthz }
    alarms: [shop-web-*]
    ladders:
      os: [{ recovery: restart, mode: auto, veto: 5m }]
      host: [{ recovery: restart, mode: auto }]
      down: [{ recovery: reboot, mode: approve, approvals: 2 }]
  orders-db:
    description: The database
    pattern: instance
    target: { instance: i-0123456789abcdef0 }
    alarms: [orders-db-cpu]
`;

export interface BrokenConfig {
  readonly what: string;
  readonly from: string;
  readonly to: string;
  readonly line: number;
  readonly field: string;
  /** Must stand in the message. */
  readonly says: RegExp;
  readonly fix: RegExp;
}

export const brokenConfigs: readonly BrokenConfig[] = [
  {
    what: "a misspelt setting",
    from: "    pattern: instance\n    target: { tag",
    to: "    patern: instance\n    target: { tag",
    line: 13,
    field: "services.shop-web.patern",
    says: /not a setting here/,
    fix: /Did you mean `pattern`/,
  },
  {
    what: "a misspelt word of a closed list",
    from: "pattern: instance\n    target: { instance",
    to: "pattern: instnace\n    target: { instance",
    line: 23,
    field: "services.orders-db.pattern",
    says: /found "instnace"; needed: one of instance, standby/,
    fix: /Did you mean `instance`/,
  },
  {
    what: "a setting in the wrong place",
    from: "controlUrl: https://status.example.net",
    to: "channel: C0123456789",
    line: 5,
    field: "channel",
    says: /not a setting here/,
    fix: /stands in a service, or in defaults/,
  },
  {
    what: "a channel that YAML reads as a comment",
    from: "channel: C0123456789",
    to: "channel: #ops",
    line: 2,
    field: "defaults.channel",
    says: /found nothing; needed: a Slack channel/,
    fix: /reads # as a comment/,
  },
  {
    what: "a length of time without its unit",
    from: "vetoRestart: 5m",
    to: "vetoRestart: 300",
    line: 9,
    field: "timing.vetoRestart",
    says: /found 300; needed: a length of time/,
    fix: /`300s` or `300m`/,
  },
  {
    what: "a length of time below one second",
    from: "vetoRestart: 5m",
    to: "probe: 0s",
    line: 9,
    field: "timing.probe",
    says: /at least 1s/,
    fix: /probe: 30s/,
  },
  {
    what: "a lease shorter than the slowest call",
    from: "vetoRestart: 5m",
    to: "lease: 20s",
    line: 9,
    field: "timing.lease",
    says: /lease \(20 s\) must be at least renew/,
    fix: /lease \(default 30s\)/,
  },
  {
    what: "two services that claim one alarm",
    from: "[orders-db-cpu]",
    to: "[shop-web-cpu]",
    line: 16,
    field: "services.shop-web.alarms[0]",
    says: /claims alarms that "shop-web-cpu" of orders-db claims too/,
    fix: /Narrow one/,
  },
  {
    what: "two services on one machine",
    from: "{ tag: Name=shop-web }",
    to: "{ instance: i-0123456789abcdef0 }",
    line: 24,
    field: "services.orders-db.target",
    says: /claimed by shop-web already/,
    fix: /its own/,
  },
  {
    what: "a rung that cannot run on its pattern",
    from: "pattern: instance\n    target: { tag: Name=shop-web }",
    to: "pattern: alb-asg\n    target: { asg: shop-web }",
    line: 18,
    field: "services.shop-web.ladders.os[0].recovery",
    says: /restart cannot run on pattern alb-asg: its group would replace the instance meanwhile/,
    fix: /remove this rung/,
  },
  {
    what: "one kind of evidence under a destructive automatic rung",
    from: "    probe: { url: https://shop.example.com/healthz }\n",
    to: "    owner: team-shop\n",
    line: 19,
    field: "services.shop-web.ladders.host[0].mode",
    says: /needs two different kinds of evidence; found: ec2/,
    fix: /Add a probe/,
  },
  {
    what: "an approval that nobody may give",
    from: "  approvers: { users: [U0MIRA, U0NOOR] }\n",
    to: "  requireOther: false\n",
    line: 20,
    field: "services.shop-web.ladders.down[0].approvals",
    says: /nobody may approve/,
    fix: /Add `approvers/,
  },
  {
    what: "more approvals than people",
    from: "approvals: 2",
    to: "approvals: 3",
    line: 20,
    field: "services.shop-web.ladders.down[0].approvals",
    says: /found 3 approvals, but 2 approver/,
    fix: /lower approvals/,
  },
  {
    what: "a person's name instead of an id",
    from: "U0NOOR",
    to: "noor",
    line: 4,
    field: "defaults.approvers.users[1]",
    says: /found "noor"; needed: a Slack user id/,
    fix: /U0123456789/,
  },
  {
    what: "an account that YAML reads as a number",
    from: "  region: eu-west-1",
    to: "  region: eu-west-1\n  account: 123456789012",
    line: 4,
    field: "defaults.account",
    says: /12 digits in quotes/,
    fix: /"123456789012"/,
  },
  {
    what: "a cron expression with an impossible hour",
    from: "0 8 * * *",
    to: "0 25 * * *",
    line: 7,
    field: "digest.cron",
    says: /found "0 25 \* \* \*"; needed: five cron fields/,
    fix: /0 8 \* \* 1-5/,
  },
  {
    what: "a time zone that is none",
    from: "timeZone: UTC",
    to: "timeZone: Berlin/Europe",
    line: 7,
    field: "digest.timeZone",
    says: /IANA time zone/,
    fix: /Europe\/Berlin/,
  },
  {
    what: "a probe without a scheme",
    from: "url: https://shop.example.com/healthz",
    to: "url: shop.example.com/healthz",
    line: 15,
    field: "services.shop-web.probe.url",
    says: /needed: an http:\/\/ or https:\/\/ URL/,
    fix: /url: https:/,
  },
  {
    what: "a target that names two things",
    from: "{ tag: Name=shop-web }",
    to: "{ tag: Name=shop-web, asg: shop }",
    line: 14,
    field: "services.shop-web.target",
    says: /exactly one of instance, tag, asg/,
    fix: /target: \{ tag/,
  },
  {
    what: "a target of the wrong kind",
    from: "{ tag: Name=shop-web }",
    to: "{ asg: shop }",
    line: 14,
    field: "services.shop-web.target.asg",
    says: /found an Auto Scaling group under pattern instance/,
    fix: /correct the pattern/,
  },
  {
    what: "a service without its pattern",
    from: "    pattern: instance\n    target: { instance",
    to: "    target: { instance",
    line: 21,
    field: "services.orders-db.pattern",
    says: /is missing; needed: one of instance/,
    fix: /Add `pattern: instance`/,
  },
  {
    what: "a limit below the sum of the plan's waits",
    from: "veto: 5m",
    to: "limit: 5m",
    line: 18,
    field: "services.shop-web.ladders.os[0].limit",
    says: /found "5m"; needed: at least 20m/,
    fix: /limit: 20m/,
  },
  {
    what: "an alias without its anchor",
    from: "approvers: { users: [U0MIRA, U0NOOR] }",
    to: "approvers: *people",
    line: 1,
    field: "(YAML)",
    says: /not valid YAML: Unresolved alias.*people/,
    fix: /anchor/,
  },
  {
    what: "a key that stands twice",
    from: "  orders-db:",
    to: "  shop-web:",
    line: 21,
    field: "(YAML)",
    says: /not valid YAML/,
    fix: /Remove one of the two/,
  },
  {
    what: "a tab as indentation",
    from: "  vetoRestart",
    to: "\tvetoRestart",
    line: 9,
    field: "(YAML)",
    says: /not valid YAML/,
    fix: /spaces/,
  },
];
