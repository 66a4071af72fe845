/** Every pattern with all its recoveries, and what is said when one of the things that they need is missing or wrong. */
import type { BrokenConfig } from "./brokenConfigs.ts";

const control = (side: string) =>
  `arn:aws:route53-recovery-control::123456789012:controlpanel/0a1b/routingcontrol/${side}`;

/** Line numbers below are those of this text. */
export const everyPattern = `defaults:
  channel: C0123456789
  region: eu-west-1
  approvers: { users: [U0MIRA, U0NOOR] }
controlUrl: https://status.example.net
killSwitch: { file: ./autopilot }
accounts:
  "222233334444": { role: "arn:aws:iam::222233334444:role/ec2-medic", externalId: medic-7f3a }
services:
  shop-web:
    description: The web shop
    pattern: instance
    target: { tag: Name=shop-web }
    elasticIp: eipalloc-0123456789abcdef0
    probe: { url: https://shop.example.com/healthz }
    rpoMax: 12h
    reprovision: { snapshotTag: snapshot-of=shop-web, subnets: [subnet-0aaaaaaaaaaaaaaa1], types: [m7g.xlarge] }
    dr: { region: eu-central-1, subnets: [subnet-0bbbbbbbbbbbbbbb1], securityGroups: [sg-0bbbbbbbbbbbbbbb1], types: [m7g.large] }
    dns: { zone: /hostedzone/Z0123456789, name: Shop.example.com, type: A }
    drillProfile: { subnet: subnet-0ddddddddddddddd1, securityGroup: sg-0ddddddddddddddd1, cleanUpAfter: 1h }
    keeper: { every: 6h, retain: 7 }
    quarantine: stop
    ladders:
      down:
        - { recovery: restart, mode: auto }
        - { recovery: reprovision, mode: auto }
        - { recovery: reprovision-dr, mode: approve }
  desk:
    description: The service desk
    pattern: standby
    target: { tag: Name=desk-a }
    standby: { tag: Name=desk-b }
    elasticIp: eipalloc-0123456789abcdef1
    ladders: { host: [{ recovery: failover, mode: approve }] }
  portal:
    description: The portal
    pattern: dns-pair
    account: "222233334444"
    target: { instance: i-0123456789abcdef1 }
    standby: { instance: i-0123456789abcdef2 }
    targetGroups: [arn:aws:elasticloadbalancing:eu-west-1:222233334444:targetgroup/portal/0123456789abcdef]
    dns: { zone: Z0123456789, name: portal.example.com., type: CNAME, primarySet: one, standbySet: two }
    ladders: { down: [{ recovery: failover, mode: approve }] }
  worker:
    description: The worker
    pattern: asg
    target: { asg: worker }
    ladders: { os: [{ recovery: restart, mode: approve }, { recovery: replace, mode: approve }] }
  orders-db:
    description: The database
    pattern: asg-ebs
    target: { asg: orders-db }
    volume: { tag: volume=orders-db, device: /dev/sdf, terminatingHook: ending, launchingHook: starting }
    ladders: { down: [{ recovery: replace, mode: approve, limit: 1h }] }
  shop-api:
    description: The API
    pattern: alb-asg
    target: { asg: shop-api }
    scaleStep: 2
    probe: { url: https://api.example.com/healthz }
    ladders:
      overloaded: [{ recovery: scale-out, mode: auto }]
      targets: [{ recovery: replace, mode: auto }, { recovery: refresh, mode: approve }]
`;

const routing = `routing: { endpoints: [{ region: us-west-2, url: https://a.example.com/v1 }], primaryControl: "${control("0c0d")}", standbyControl: "${control("0c0d")}" }`;

export const brokenRecoveries: readonly BrokenConfig[] = [
  {
    what: "a pair without its second machine",
    from: "    standby: { tag: Name=desk-b }\n",
    to: "    owner: team-desk\n",
    line: 28,
    field: "services.desk.standby",
    says: /is missing; needed: the second machine/,
    fix: /standby: \{ tag: Name=/,
  },
  {
    what: "a standby that is the primary",
    from: "standby: { tag: Name=desk-b }",
    to: "standby: { tag: Name=desk-a }",
    line: 32,
    field: "services.desk.standby",
    says: /found Name=desk-a, which is the target too/,
    fix: /second machine/,
  },
  {
    what: "a standby that names two things",
    from: "standby: { tag: Name=desk-b }",
    to: "standby: { tag: Name=desk-b, instance: i-0123456789abcdef9 }",
    line: 32,
    field: "services.desk.standby",
    says: /exactly one of instance, tag/,
    fix: /standby: \{ tag/,
  },
  {
    what: "a failover without an address to move",
    from: "    elasticIp: eipalloc-0123456789abcdef1\n",
    to: "    owner: team-desk\n",
    line: 34,
    field: "services.desk.ladders.host[0].recovery",
    says: /found no `elasticIp`/,
    fix: /eipalloc-…/,
  },
  {
    what: "a pair of records without the records",
    from: "    dns: { zone: Z0123456789, name: portal.example.com., type: CNAME, primarySet: one, standbySet: two }\n",
    to: "    owner: team-portal\n",
    line: 35,
    field: "services.portal.dns",
    says: /is missing; needed: the record that pattern dns-pair moves/,
    fix: /primarySet/,
  },
  {
    what: "a pair of records of which one is not named",
    from: ", standbySet: two",
    to: "",
    line: 42,
    field: "services.portal.dns.standbySet",
    says: /SetIdentifier/,
    fix: /standbySet: …/,
  },
  {
    what: "a pair of records with one SetIdentifier",
    from: "standbySet: two",
    to: "standbySet: one",
    line: 42,
    field: "services.portal.dns.standbySet",
    says: /found "one" for both records/,
    fix: /standby's record/,
  },
  {
    what: "one routing control for both sides",
    from: "standbySet: two",
    to: `standbySet: two, ${routing}`,
    line: 42,
    field: "services.portal.dns.routing.standbyControl",
    says: /a control for each side/,
    fix: /standby's routing control/,
  },
  {
    what: "two ways to fail over",
    from: "standbySet: two",
    to: `standbySet: two, invertHealthCheck: 01234567-89ab-cdef-0123-456789abcdef, ${routing}`,
    line: 42,
    field: "services.portal.dns.routing",
    says: /one way to fail over/,
    fix: /Keep the one/,
  },
  {
    what: "a set of a pair under a pattern with one record",
    from: "type: A }",
    to: "type: A, primarySet: one }",
    line: 19,
    field: "services.shop-web.dns.primarySet",
    says: /is for pattern dns-pair/,
    fix: /Remove it/,
  },
  {
    what: "a URL where a record's name belongs",
    from: "name: Shop.example.com",
    to: "name: https://shop.example.com/",
    line: 19,
    field: "services.shop-web.dns.name",
    says: /needed: the full name of a record/,
    fix: /name: shop.example.com/,
  },
  {
    what: "a re-provision that knows no snapshots",
    from: "    reprovision: { snapshotTag: snapshot-of=shop-web, subnets: [subnet-0aaaaaaaaaaaaaaa1], types: [m7g.xlarge] }\n",
    to: "    owner: team-shop\n",
    line: 26,
    field: "services.shop-web.ladders.down[1].recovery",
    says: /found no `reprovision`/,
    fix: /snapshotTag: Key=Value/,
  },
  {
    what: "a keeper whose snapshots nothing uses",
    from: "    reprovision: { snapshotTag: snapshot-of=shop-web, subnets: [subnet-0aaaaaaaaaaaaaaa1], types: [m7g.xlarge] }\n",
    to: "    owner: team-shop\n",
    line: 21,
    field: "services.shop-web.keeper",
    says: /found no `reprovision`/,
    fix: /remove keeper/,
  },
  {
    what: "a DR region whose snapshots have no tag",
    from: "    reprovision: { snapshotTag: snapshot-of=shop-web, subnets: [subnet-0aaaaaaaaaaaaaaa1], types: [m7g.xlarge] }\n",
    to: "    owner: team-shop\n",
    line: 18,
    field: "services.shop-web.dr.snapshotTag",
    says: /is missing; needed: the tag of the snapshots/,
    fix: /snapshotTag:/,
  },
  {
    what: "a DR rung without a prepared region",
    from: "    dr: { region: eu-central-1, subnets: [subnet-0bbbbbbbbbbbbbbb1], securityGroups: [sg-0bbbbbbbbbbbbbbb1], types: [m7g.large] }\n",
    to: "    owner: team-shop\n",
    line: 27,
    field: "services.shop-web.ladders.down[2].recovery",
    says: /needs a prepared region: found no `dr`/,
    fix: /Add `dr/,
  },
  {
    what: "a DR rung without a record",
    from: "    dns: { zone: /hostedzone/Z0123456789, name: Shop.example.com, type: A }\n",
    to: "    owner: team-shop\n",
    line: 27,
    field: "services.shop-web.ladders.down[2].recovery",
    says: /found no `dns`/,
    fix: /Add `dns/,
  },
  {
    what: "a DR region that is the service's own",
    from: "region: eu-central-1",
    to: "region: eu-west-1",
    line: 18,
    field: "services.shop-web.dr.region",
    says: /where the service lives already/,
    fix: /`reprovision`/,
  },
  {
    what: "a DR region without subnets",
    from: "subnets: [subnet-0bbbbbbbbbbbbbbb1]",
    to: "subnets: []",
    line: 18,
    field: "services.shop-web.dr.subnets",
    says: /at least one subnet/,
    fix: /subnet-/,
  },
  {
    what: "more approvals by default than there are people",
    from: "users: [U0MIRA, U0NOOR]",
    to: "users: [U0MIRA]",
    line: 27,
    field: "services.shop-web.ladders.down[2].approvals",
    says: /found 2 approvals, but 1 approver/,
    fix: /lower approvals/,
  },
  {
    what: "an automatic re-provision whose loss nobody has agreed to",
    from: "    rpoMax: 12h\n",
    to: "    owner: team-shop\n",
    line: 26,
    field: "services.shop-web.ladders.down[1].mode",
    says: /found no rpoMax/,
    fix: /rpoMax: 1h/,
  },
  {
    what: "a snapshot every minute",
    from: "every: 6h",
    to: "every: 1m",
    line: 21,
    field: "services.shop-web.keeper.every",
    says: /at least 15m/,
    fix: /every: 6h/,
  },
  {
    what: "a drill whose instance ends itself in the middle",
    from: "cleanUpAfter: 1h",
    to: "cleanUpAfter: 10m",
    line: 20,
    field: "services.shop-web.drillProfile.cleanUpAfter",
    says: /at least timing.drillLimit \(45m\)/,
    fix: /cleanUpAfter: 45m/,
  },
  {
    what: "a drill where the real one would be built",
    from: "subnet: subnet-0ddddddddddddddd1",
    to: "subnet: subnet-0aaaaaaaaaaaaaaa1",
    line: 20,
    field: "services.shop-web.drillProfile.subnet",
    says: /a subnet of its own/,
    fix: /for drills/,
  },
  {
    what: "a subnet by its name",
    from: "subnet: subnet-0ddddddddddddddd1",
    to: "subnet: drills",
    line: 20,
    field: "services.shop-web.drillProfile.subnet",
    says: /found "drills"; needed: a subnet id/,
    fix: /subnet-0123456789abcdef0/,
  },
  {
    what: "a recovery that only a person orders",
    from: "recovery: failover, mode: approve }] }\n  portal",
    to: "recovery: fail-back, mode: approve }] }\n  portal",
    line: 34,
    field: "services.desk.ladders.host[0].recovery",
    says: /found "fail-back"; needed: one of reboot, restart/,
    fix: /a person orders it \(\/medic fail-back SERVICE\)/,
  },
  {
    what: "a recovery with a hyphen too many",
    from: "recovery: reprovision, mode",
    to: "recovery: re-provision, mode",
    line: 26,
    field: "services.shop-web.ladders.down[1].recovery",
    says: /found "re-provision"/,
    fix: /Did you mean `reprovision`/,
  },
  {
    what: "a recovery of another pattern",
    from: "recovery: scale-out",
    to: "recovery: failover",
    line: 62,
    field: "services.shop-api.ladders.overloaded[0].recovery",
    says: /failover cannot run on pattern alb-asg; needed: one of scale-out, replace, refresh/,
    fix: /failover runs on standby, dns-pair/,
  },
  {
    what: "a stop of a group's member",
    from: "recovery: restart, mode: approve }, {",
    to: "recovery: stop-start, mode: approve }, {",
    line: 48,
    field: "services.worker.ladders.os[0].recovery",
    says: /its group would replace the instance meanwhile/,
    fix: /stop-start runs on instance, standby, dns-pair/,
  },
  {
    what: "a volume pattern without its volume",
    from: "    volume: { tag: volume=orders-db, device: /dev/sdf, terminatingHook: ending, launchingHook: starting }\n",
    to: "    owner: team-orders\n",
    line: 49,
    field: "services.orders-db.volume",
    says: /the volume that moves from member to member/,
    fix: /use pattern asg/,
  },
  {
    what: "a volume that is taken off and never given back",
    from: ", launchingHook: starting",
    to: "",
    line: 53,
    field: "services.orders-db.volume.launchingHook",
    says: /never reach the new one/,
    fix: /launchingHook: name-of-the-hook/,
  },
  {
    what: "one hook for both ways",
    from: "launchingHook: starting",
    to: "launchingHook: ending",
    line: 53,
    field: "services.orders-db.volume.launchingHook",
    says: /a hook for each way/,
    fix: /EC2_INSTANCE_LAUNCHING/,
  },
  {
    what: "a replacement that has no time for the snapshot of its volume",
    from: "limit: 1h",
    to: "limit: 30m",
    line: 54,
    field: "services.orders-db.ladders.down[0].limit",
    says: /found "30m"; needed: at least 48m/,
    fix: /limit: 48m/,
  },
  {
    what: "a target group of another region",
    from: "elasticloadbalancing:eu-west-1",
    to: "elasticloadbalancing:eu-west-2",
    line: 41,
    field: "services.portal.targetGroups[0]",
    says: /found a target group in eu-west-2/,
    fix: /Correct the ARN/,
  },
  {
    what: "an account that the bot cannot enter beside its own",
    from: '  "222233334444": { role: "arn:aws:iam::222233334444:role/ec2-medic", externalId: medic-7f3a }\nservices:\n  shop-web:\n',
    to: '  {}\nservices:\n  shop-web:\n    account: "111122223333"\n',
    line: 39,
    field: "services.portal.account",
    says: /found "222233334444", which is not under accounts/,
    fix: /arn:aws:iam::222233334444:role\/ec2-medic/,
  },
  {
    what: "a role of another account",
    from: "arn:aws:iam::222233334444",
    to: "arn:aws:iam::222233335555",
    line: 8,
    field: "accounts.222233334444.role",
    says: /found a role of account 222233335555/,
    fix: /arn:aws:iam::222233334444/,
  },
  {
    what: "an account of eleven digits",
    from: '"222233334444": {',
    to: "22223333444: {",
    line: 8,
    field: "accounts.22223333444",
    says: /needed: an AWS account: 12 digits/,
    fix: /in quotes/,
  },
  {
    what: "one machine as the standby of two",
    from: "standby: { tag: Name=desk-b }",
    to: "standby: { tag: Name=shop-web }",
    line: 32,
    field: "services.desk.standby",
    says: /claimed by shop-web already/,
    fix: /its own/,
  },
  {
    what: "a record of two services",
    from: "name: portal.example.com., type: CNAME",
    to: "name: shop.example.com, type: A",
    line: 42,
    field: "services.portal.dns",
    says: /the record shop.example.com. A is claimed by shop-web/,
    fix: /its own/,
  },
  {
    what: "a whole re-provision shorter than its steps",
    from: "accounts:",
    to: "timing: { reprovisionLimit: 10m }\naccounts:",
    line: 7,
    field: "timing.reprovisionLimit",
    says: /reprovision limit \(600 s\) must be at least the sum of its steps/,
    fix: /default 30m/,
  },
  {
    what: "a lag longer than what it may hide",
    from: "accounts:",
    to: "timing: { lag: 10m }\naccounts:",
    line: 7,
    field: "timing.lag",
    says: /the lag of reads \(600 s\) must be shorter than/,
    fix: /lag \(default 30s\)/,
  },
];
