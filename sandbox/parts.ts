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
import { bounded } from "../src/aws/bounded.ts";
import { awsCloud } from "../src/aws/cloud.ts";
import { confirmSubscription, parameterSwitch } from "../src/aws/home.ts";
import type { BotParts } from "../src/bot.ts";
import { parseSettings } from "../src/config/medicYaml.ts";
import { topicMail } from "../src/mail/topicMail.ts";
import type { Account } from "../src/memory/account.ts";
import { memoryProber } from "../src/memory/memoryProber.ts";
import type { Cloud } from "../src/ports/cloud.ts";
import { silentMetrics } from "../src/ports/metrics.ts";
import type { Mailbox } from "./aws/mailbox.ts";
import { sendLayer, type SimulatedClients } from "./aws/sendLayer.ts";
import type { SnsSigner } from "./aws/sns-signer.ts";
import { sandboxYaml, type YamlOptions } from "./medic-yaml.ts";
import { alarmTopic, switchParameter } from "./world.ts";

export interface SandboxParts {
  /** Home first; it has the topics and parameters. */
  readonly accounts: readonly Account[];
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
  const { accounts, clock, settings, mailbox } = parts;
  const [home] = accounts;
  if (home === undefined) throw new Error("the sandbox needs an account");
  const clients = sendLayer(home, { mailbox, parameters: new Map([[switchParameter, "on"]]) });
  const clouds = new Map(
    accounts.map((account) => [account.scope, cloudOf(account === home ? clients : sendLayer(account), parts)]),
  );
  return {
    settings,
    clock,
    ids: parts.ids,
    log: parts.log,
    metrics: silentMetrics,
    store: parts.store,
    clouds: (scope: Scope) => {
      const cloud = clouds.get(scope);
      if (cloud) return cloud;
      throw new NotFound(`account and region ${scope}`);
    },
    prober: memoryProber(accounts, clock),
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

/** Every call ends by the clock, as the program's own clients see to it. */
function cloudOf(clients: SimulatedClients, { settings, clock }: SandboxParts): Cloud {
  const inTime = <Client extends { send: unknown }>(client: Client): Pick<Client, "send"> =>
    bounded(client, () => settings.timing.awsCallMs, clock);
  return awsCloud(
    {
      ec2: inTime(clients.ec2),
      cloudwatch: inTime(clients.cloudwatch),
      autoScaling: inTime(clients.autoScaling),
      elbv2: inTime(clients.elbv2),
      ssm: inTime(clients.ssm),
      route53: inTime(clients.route53),
      cluster: (endpoint) => inTime(clients.cluster(endpoint)),
    },
    { clock },
  );
}
