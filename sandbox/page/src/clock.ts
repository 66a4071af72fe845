import { useEffect, useState } from "react";
import type { AccountView } from "../../page-protocol.ts";

/** Clocks that show seconds move with this. */
const beatMs = 500;

/** The account's clock, counted on between two messages of the server. Epoch ms. */
export function accountNow(account: AccountView | null, heardAt: number): number {
  if (account === null) return Date.now();
  return account.now + (performance.now() - heardAt) * account.speed;
}

/** Draws the component again and again, so that clocks and "since" move. `everyMs` 0 = never. */
export function useBeat(everyMs = beatMs): void {
  const [, setBeat] = useState(0);
  useEffect(() => {
    if (everyMs === 0) return undefined;
    const timer = window.setInterval(() => setBeat((beat) => beat + 1), everyMs);
    return () => window.clearInterval(timer);
  }, [everyMs]);
}
