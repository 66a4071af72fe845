/**
 * The real bot between the simulated account and the pretend Slack: production adapters on the send layer, production doors,
 * verifier with the sandbox's own certificate. What a form of the sandbox chooses itself: clock, store, and how Slack is reached.
 */
import type { Store } from "../src/ports/store.ts";
import type { Clock } from "../src/ports/clock.ts";
import type { Ids } from "../src/ports/ids.ts";
import type { Log } from "../src/ports/log.ts";
import type { Scope } from "../src/domain/words.ts";
import type { Settings } from "../src/domain/settings.ts";
import { NotFound } from "../src/domain/errors.ts";
import { cloudWatchAlarms } from "../src/aws/alarms.ts";
import { bounded } from "../src/aws/bounded.ts";
import { ec2Compute } from "../src/aws/compute.ts";
import { confirmSubscription, parameterSwitch } from "../src/aws/home.ts";
import { awsScaling } from "../src/aws/scaling.ts";
import type { BotParts } from "../src/bot.ts";
import { parseSettings } from "../src/config/medicYaml.ts";
import { topicMail } from "../src/mail/topicMail.ts";
import type { Account } from "../src/memory/account.ts";
import { memoryProber } from "../src/memory/memoryProber.ts";
import { silentMetrics } from "../src/ports/metrics.ts";
import type { Mailbox } from "./aws/mailbox.ts";
import { sendLayer } from "./aws/sendLayer.ts";
import type { SnsSigner } from "./aws/sns-signer.ts";
import { sandboxYaml, type YamlOptions } from "./medic-yaml.ts";
import { alarmTopic, switchParameter } from "./world.ts";

export interface SandboxParts {
  readonly account: Account;
  readonly mailbox: Mailbox;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly store: Store;
  readonly signer: SnsSigner;
  readonly settings: Settings;
  readonly slack: BotParts["slack"];
  readonly http?: { readonly host: string; readonly port: number };
}

export function sandboxSettings(options: YamlOptions): Settings {
  const loaded = parseSettings("the sandbox's medic.yaml", sandboxYaml(options));
  if ("settings" in loaded) return loaded.settings;
  throw new Error(`the sandbox's own medic.yaml is wrong: ${loaded.problems.map((each) => each.message).join("; ")}`);
}

export function botParts(parts: SandboxParts): BotParts {
  const { account, clock, settings, mailbox } = parts;
  const clients = sendLayer(account, { mailbox, parameters: new Map([[switchParameter, "on"]]) });
  // Every call ends by the clock, as the program's own clients see to it.
  const inTime = <Client extends { send: unknown }>(client: Client): Pick<Client, "send"> =>
    bounded(client, () => settings.timing.awsCallMs, clock);
  const cloud = {
    compute: ec2Compute(inTime(clients.ec2)),
    alarms: cloudWatchAlarms(inTime(clients.cloudwatch), clock),
    scaling: awsScaling({ autoScaling: inTime(clients.autoScaling), elbv2: inTime(clients.elbv2) }),
  };
  return {
    settings,
    clock,
    ids: parts.ids,
    log: parts.log,
    metrics: silentMetrics,
    store: parts.store,
    clouds: (scope: Scope) => {
      if (scope === account.scope) return cloud;
      throw new NotFound(`account and region ${scope}`);
    },
    prober: memoryProber([account], clock),
    ...(settings.mailTopic === undefined ? {} : { mail: topicMail(clients.sns, settings.mailTopic) }),
    autopilotSwitch: parameterSwitch(clients.ssm, switchParameter),
    autopilotOffByEnvironment: false,
    slack: parts.slack,
    topicArns: [alarmTopic],
    fetchCertificate: parts.signer.fetchCertificate,
    confirmSubscription: (topicArn, token) => confirmSubscription(clients.sns, topicArn, token),
    ...(parts.http === undefined ? {} : { http: parts.http }),
  };
}
