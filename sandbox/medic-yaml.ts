import { patternYaml, type PatternYamlOptions } from "./patterns.ts";
import { channelIds, people, userGroupIds } from "./slack/workspace-state.ts";
import { accountId, controlHost, mailTopic, region, serviceNamed, switchParameter } from "./world.ts";

export interface YamlOptions {
  /** With mail, people are told even while Slack is silent. */
  readonly mail: boolean;
  /** Default: as a careful team writes it. */
  readonly wiki?: PatternYamlOptions["wiki"] | undefined;
}

export function sandboxYaml(options: YamlOptions): string {
  return `# The sandbox's own medic.yaml: what the team of this pretend account has agreed on.
defaults:
  region: ${region}
  account: "${accountId}"
  channel: ${channelIds.opsAlerts}
  secondChannel: ${channelIds.opsSecond}
  mentionGroup: ${userGroupIds.onCall}
  approvers:
    users: [${people.mira}, ${people.noor}]
controlUrl: https://${controlHost}
killSwitch: { parameter: ${switchParameter} }
${options.mail ? `mailTopic: ${mailTopic}\n` : ""}services:
  shop-web:
    description: ${serviceNamed("shop-web").description}
    owner: team-shop
    pattern: instance
    target: { instance: ${serviceNamed("shop-web").instanceId} }
    elasticIp: eipalloc-0a1b2c3d4e5f60001
    probe: { url: "https://shop.example.com/healthz", timeout: 5s }
    runbook: https://wiki.example.com/shop-web
    alarms: ["shop-web-*"]
    ladders:
      # Customers see it at once: it restarts by itself unless somebody holds it.
      down:
        - { recovery: restart, mode: auto, veto: 5m }
        - { recovery: force-stop-start, mode: approve }
      os:
        - { recovery: restart, mode: approve }
      host:
        - { recovery: restart, mode: approve }
  shop-api:
    description: ${serviceNamed("shop-api").description}
    owner: team-shop
    pattern: instance
    target: { tag: "Name=shop-api" }
    # Watched all the time: it has no canary, and a dead process shows in no status check.
    probe: { url: "https://api.shop.example.com/healthz", timeout: 5s, watch: true }
    alarms: ["shop-api-*"]
    ladders:
      # No Elastic IP, and data on instance store: people decide.
      down:
        - { recovery: restart, mode: approve }
      os:
        - { recovery: restart, mode: approve }
      host:
        - { recovery: restart, mode: approve }
  billing:
    description: ${serviceNamed("billing").description}
    owner: team-money
    pattern: instance
    target: { instance: ${serviceNamed("billing").instanceId} }
    elasticIp: eipalloc-0a1b2c3d4e5f60003
    probe: { url: "https://billing.example.com/healthz", timeout: 5s }
    alarms: ["billing-*"]
    # New here: for now the bot only says what it would do.
    ladders:
      down:
        - { recovery: restart, mode: observe }
      os:
        - { recovery: restart, mode: observe }
      host:
        - { recovery: restart, mode: observe }
  mail-relay:
    description: ${serviceNamed("mail-relay").description}
    owner: team-platform
    pattern: instance
    target: { instance: ${serviceNamed("mail-relay").instanceId} }
    elasticIp: eipalloc-0a1b2c3d4e5f60004
    probe: { tcp: "relay.example.com:25", timeout: 5s }
    alarms: ["mail-relay-*"]
    ladders:
      # Mail once sent twice cannot be taken back: two people must agree.
      down:
        - { recovery: restart, mode: approve, approvals: 2 }
      os:
        - { recovery: restart, mode: approve, approvals: 2 }
      host:
        - { recovery: restart, mode: approve, approvals: 2 }
${patternYaml({ wiki: options.wiki ?? "defaults" })}`;
}
