import { expect, test } from "vitest";
import { NotPermitted } from "../../src/domain/errors.ts";
import { pinoLog } from "../../src/observe/pinoLog.ts";
import { promMetrics } from "../../src/observe/promMetrics.ts";

function lines(): { log: ReturnType<typeof pinoLog>; read: () => Record<string, unknown>[]; text: () => string } {
  const written: string[] = [];
  const log = pinoLog({ level: "info", write: (line) => void written.push(line) });
  return {
    log,
    read: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
    text: () => written.join(""),
  };
}

test("a log line is JSON with a stable code and the error's own next step", () => {
  const { log, read } = lines();
  log.error("needs-person", {
    incident: "shop-web-1",
    error: new NotPermitted("StopInstances i-1", new Error("denied")),
  });
  expect(read()).toMatchObject([
    {
      code: "needs-person",
      incident: "shop-web-1",
      error: { errorCode: "not-permitted", cause: { message: "denied" }, next: expect.any(String) as string },
    },
  ]);
});

test("a field that is called code does not hide the code of the line", () => {
  const { log, read } = lines();
  log.error("needs-person", { code: "run-failed" });
  expect(read()).toMatchObject([{ code: "needs-person", about: "run-failed" }]);
});

test("tokens never reach the log, neither as fields nor inside sentences", () => {
  const { log, text } = lines();
  const token = ["xoxb", "123456789012", "abcdefABCDEF"].join("-");
  log.warn("x", { token, nested: { token }, message: `called with ${token}`, error: new Error(`bad ${token}`) });
  expect(text()).not.toContain("abcdefABCDEF");
  expect(text()).toContain("[cut]");
});

test("metrics count, and one name cannot grow without bound", async () => {
  const metrics = promMetrics();
  metrics.count("medic_signals_total", { source: "sns" });
  metrics.observe("medic_card_seconds", 0.2);
  for (let i = 0; i < 2100; i += 1) metrics.gauge("medic_wild", i, { id: String(i) });
  const text = await metrics.text();
  expect(text).toContain('medic_signals_total{source="sns"} 1');
  expect(text.match(/^medic_wild\{/gm)).toHaveLength(2000);
});
