import { useEffect, useState } from "react";
import type { AccountView } from "../../page-protocol.ts";

const beatMs = 500;

/** The account's clock, counted on between two messages of the server. Epoch ms. */
export function accountNow(account: AccountView | null, heardAt: number): number {
  if (account === null) return Date.now();
  return account.now + (performance.now() - heardAt) * account.speed;
}

/** Draws again twice a second, so that clocks and "since" move. */
export function useBeat(): void {
  const [, setBeat] = useState(0);
  useEffect(() => {
    const timer = window.setInterval(() => setBeat((beat) => beat + 1), beatMs);
    return () => window.clearInterval(timer);
  }, []);
}
