/** The append-only record of orders: who or which rule let the bot act, why, on what. Written before the run begins. */
import type { Phase, ServiceCase } from "../domain/serviceCase.ts";
import type { Records } from "../ports/store.ts";

export async function recordOrder(
  records: Records,
  current: ServiceCase,
  { order, runId }: Extract<Phase, { kind: "recovering" }>,
): Promise<void> {
  const at = new Date(order.at).toISOString();
  // A month a collection: what is read together stays together, and no partition grows for ever.
  const key = { collection: `audit/${at.slice(0, 7)}`, id: `${at} ${runId}` };
  await records.putIfAbsent(key, {
    at: order.at,
    service: current.service,
    runId,
    incident: current.incident?.id ?? null,
    placement: current.placement,
    order,
  });
}
