/** Click → private answer: a signed interaction over HTTP as Slack sends it, until the answer is at its response URL. */
import { createHmac } from "node:crypto";
import { approver, channelId, serviceName } from "./alarms.ts";
import type { Contender } from "./contenders.ts";
import { nowMs, pause, percentile, say } from "./numbers.ts";
import { post, signingSecret, type Stage } from "./stage.ts";

const gapMs = 30;
const answerMsMax = 5_000;

/** Every click is "I have it" on a card of its own: permission is checked, the case is written, the person is answered. */
export async function measureClicks(
  { slack }: Stage,
  bot: Contender,
  { from, count }: { readonly from: number; readonly count: number },
): Promise<void> {
  const acks: number[] = [];
  const answers: number[] = [];
  let missing = 0;
  for (let n = from; n < from + count; n += 1) {
    const id = `click-${n}`;
    const { body, headers } = signed(click(slack.url, n, id));
    const arrival = slack.answerFor(id, answerMsMax);
    const sentAt = nowMs();
    const acked = post(`${bot.url}/slack/events`, body, headers).then((status) => {
      if (status === 200) acks.push(nowMs() - sentAt);
    });
    const at = await arrival;
    await acked;
    if (at === undefined) missing += 1;
    else answers.push(at - sentAt);
    await pause(gapMs);
  }
  say("bot.click.ack.p50", percentile(acks, 0.5), "ms", { n: acks.length });
  say("bot.click.ack.p99", percentile(acks, 0.99), "ms");
  say("bot.click.answer.p50", percentile(answers, 0.5), "ms", { n: answers.length, missing });
  say("bot.click.answer.p99", percentile(answers, 0.99), "ms");
}

function click(slackUrl: string, service: number, id: string): object {
  return {
    type: "block_actions",
    team: { id: "T0BENCH", domain: "bench" },
    user: { id: approver, username: "somebody", team_id: "T0BENCH" },
    api_app_id: "A0BENCH",
    container: {
      type: "message",
      message_ts: "1700000000.000001",
      channel_id: channelId(service),
      is_ephemeral: false,
    },
    channel: { id: channelId(service), name: "bench" },
    message: { type: "message", ts: "1700000000.000001", text: "a card" },
    trigger_id: id,
    response_url: `${slackUrl}/answer/${id}`,
    actions: [
      {
        type: "button",
        action_id: "medic.ack",
        block_id: "buttons",
        value: `ack|1|${serviceName(service)}`,
        action_ts: "1700000000.000001",
      },
    ],
  };
}

function signed(payload: object): { body: string; headers: Record<string, string> } {
  const body = `payload=${encodeURIComponent(JSON.stringify(payload))}`;
  const at = String(Math.floor(Date.now() / 1000));
  const signature = `v0=${createHmac("sha256", signingSecret).update(`v0:${at}:${body}`).digest("hex")}`;
  return {
    body,
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "x-slack-request-timestamp": at,
      "x-slack-signature": signature,
    },
  };
}
