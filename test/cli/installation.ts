/** An installation as its platform team wrote it: two services of the sandbox's account, everybody and every channel in place. */
import { channelIds, people, userGroupIds } from "../../sandbox/slack/workspace-state.ts";

export const killSwitch = "/ec2-medic/autopilot";
export const mailTopic = "arn:aws:sns:eu-west-1:111122223333:ops-mail";

export function installationYaml(): string {
  return `
defaults:
  region: eu-west-1
  account: "111122223333"
  channel: ${channelIds.opsAlerts}
  secondChannel: ${channelIds.opsSecond}
  mentionGroup: ${userGroupIds.onCall}
  approvers:
    users: [${people.mira}, ${people.noor}]
controlUrl: https://status.example.net
killSwitch: { parameter: ${killSwitch} }
mailTopic: ${mailTopic}
services:
  shop-web:
    description: The web shop
    pattern: instance
    target: { instance: i-0a1b2c3d4e5f60001 }
    elasticIp: eipalloc-0a1b2c3d4e5f60001
    probe: { url: "https://shop.example.com/healthz" }
    alarms: ["shop-web-*"]
    ladders:
      os: [{ recovery: restart, mode: approve }]
  shop-api:
    description: Orders and stock
    pattern: instance
    target: { tag: "Name=shop-api" }
    probe: { url: "https://api.shop.example.com/healthz", watch: true }
    ladders:
      os: [{ recovery: restart, mode: approve }]
`;
}
