/** Prometheus Alertmanager where it is installed (Debian: `apt-get install prometheus-alertmanager`), grouped by service. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { channelId, instanceId, serviceName } from "./alarms.ts";
import { until } from "./numbers.ts";
import { run } from "./programs.ts";
import type { Running, Stage } from "./stage.ts";

const command = "prometheus-alertmanager";

export function alertmanagerVersion(): string | undefined {
  const answer = spawnSync(command, ["--version"], { encoding: "utf8" });
  return /version (\S+)/.exec(`${answer.stdout ?? ""}${answer.stderr ?? ""}`)?.[1]?.replace(",", "");
}

export async function startAlertmanager({ dir, log, slack }: Stage): Promise<Running> {
  const home = join(dir, "alertmanager");
  mkdirSync(home, { recursive: true });
  const config = join(home, "am.yml");
  // No wait: it would measure its own batching. The interval is its least sensible one.
  writeFileSync(
    config,
    `route:
  receiver: slack
  group_by: [channel]
  group_wait: 0s
  group_interval: 1s
  repeat_interval: 4h
receivers:
  - name: slack
    slack_configs:
      - api_url: ${slack.url}/webhook/
        channel: '#ops'
        send_resolved: false
        title: '{{ .GroupLabels.channel }} ({{ len .Alerts.Firing }} firing)'
        text: '{{ range $i, $a := .Alerts }}{{ if lt $i 20 }}{{ .Labels.instance }} {{ .Annotations.summary }} {{ end }}{{ end }}'
`,
  );
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const program = await run(
    "sh",
    [
      "-c",
      `echo ready; exec ${command} --config.file=${config} --storage.path=${home}/data ` +
        `--web.listen-address=127.0.0.1:${port} --cluster.listen-address= --log.level=warn`,
    ],
    { ready: /ready/, log },
  );
  const answers = () =>
    fetch(`${url}/-/ready`)
      .then((answer) => answer.ok)
      .catch(() => false);
  if (!(await until(answers, 10_000))) {
    await program.end();
    throw new Error("Alertmanager did not start");
  }
  return { program, url: `${url}/api/v2/alerts` };
}

export function alert(service: number, alarm: number): string {
  return JSON.stringify([
    {
      labels: {
        alertname: `${serviceName(service)}-status-${alarm}`,
        instance: instanceId(service),
        channel: channelId(service),
        severity: "critical",
      },
      annotations: { summary: `Status check failed on ${instanceId(service)}` },
    },
  ]);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
