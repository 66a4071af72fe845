import { createContext, useContext } from "react";
import type { SlackSnapshot } from "../../../page-protocol.ts";
import type { PageRequest } from "../connection.ts";
import type { ActResult } from "../../../slack/model.ts";

/** What every part of the Slack half needs: what there is to see, how to act, how to tell the person something. */
export interface SlackSurroundings {
  readonly slack: SlackSnapshot;
  readonly send: (request: PageRequest) => Promise<ActResult | undefined>;
  /** A short notice at the bottom. */
  readonly toast: (text: string) => void;
  /** Epoch ms of the account's clock. */
  readonly now: () => number;
  readonly openChannel: (channel: string) => void;
  readonly openThread: (channel: string, ts: string) => void;
}

const SlackContext = createContext<SlackSurroundings | null>(null);

export const SlackProvider = SlackContext.Provider;

export function useSlack(): SlackSurroundings {
  const found = useContext(SlackContext);
  if (found === null) throw new Error("useSlack outside of SlackProvider");
  return found;
}
