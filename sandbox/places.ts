/** Names of the pretend company's account that every part of the sandbox shares. */
import type { Pattern } from "../src/domain/words.ts";

export const accountId = "111122223333";
export const region = "eu-west-1";
/** Where the wiki is built again when home is lost. */
export const drRegion = "eu-central-1";
export const alarmTopic = `arn:aws:sns:${region}:${accountId}:ec2-alarms`;
export const mailTopic = `arn:aws:sns:${region}:${accountId}:ops-mail`;
/** An SSM parameter: a switch that works when Slack does not. */
export const switchParameter = "/ec2-medic/autopilot";
export const controlHost = "status.example.net";

export interface SandboxService {
  readonly name: string;
  readonly description: string;
  readonly pattern: Pattern;
  /** Its machines when the day begins, the one that serves first; [] for a group, whose members come and go. */
  readonly instanceIds: readonly string[];
  readonly group?: string;
  readonly host: string;
  readonly elasticIp?: { readonly allocationId: string; readonly publicIp: string };
  /** A canary writes a metric about it, and an alarm watches that. */
  readonly canary: boolean;
}
