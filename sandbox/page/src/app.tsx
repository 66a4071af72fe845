import { memo, useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import type { SlackSnapshot } from "../../page-protocol.ts";
import { AccountPanel } from "./account/account-panel.tsx";
import { FirstSteps } from "./account/first-steps.tsx";
import { accountNow, useBeat } from "./clock.ts";
import { useConnection, type Connection } from "./connection.ts";
import { SlackProvider, type SlackSurroundings } from "./slack/slack-context.ts";
import { SlackWindow, type OpenThread } from "./slack/slack-window.tsx";
import { ThemeSwitch } from "./theme.tsx";

const toastMs = 6_000;
type Tab = "slack" | "account";

/** The whole page: Slack on the left, the account on the right; on a phone one of the two at a time. */
export function App(): ReactNode {
  const connection = useConnection();
  const { slack, account, accountHeardAt, send } = connection;
  const [tab, setTab] = useState<Tab>("slack");
  const [at, setAt] = useState<string | null>(null);
  const [thread, setThread] = useState<OpenThread | null>(null);
  const { text: toastText, toast } = useToast();
  const heard = useRef({ account, accountHeardAt });
  heard.current = { account, accountHeardAt };
  const now = useCallback(() => accountNow(heard.current.account, heard.current.accountHeardAt), []);
  const place = at ?? slack?.channels[0]?.id ?? "";
  const pick = useCallback((picked: string) => {
    setAt(picked);
    setThread(null);
  }, []);
  const closeThread = useCallback(() => setThread(null), []);
  const hasNews = useNews(slack, tab);

  const surroundings = useMemo<SlackSurroundings | null>(
    () =>
      slack === null
        ? null
        : {
            slack,
            send,
            toast,
            now,
            openChannel: pick,
            openThread: (channel, ts) => setThread({ channel, ts }),
          },
    [slack, send, toast, now, pick],
  );

  return (
    <div className={`page page-${tab}`}>
      <header className="page-head">
        <img src="./icon.svg" alt="" width="26" height="26" />
        <h1>
          ec2-medic <span>sandbox</span>
        </h1>
        {account !== null && <FirstSteps step={account.step} />}
        <ThemeSwitch />
      </header>
      {!connection.isOpen && (
        <div className="banner banner-bad" role="status">
          {slack === null ? "Connecting to the sandbox…" : "The sandbox is not reachable. Trying again…"}
        </div>
      )}
      <div className="halves">
        {surroundings !== null && (
          <SlackProvider value={surroundings}>
            <SlackHalf at={place} thread={thread} onPick={pick} onCloseThread={closeThread} />
          </SlackProvider>
        )}
        <AccountHalf connection={connection} toast={toast} />
      </div>
      <nav className="tabs" aria-label="Half of the page">
        {(["slack", "account"] as const).map((each) => (
          <button
            key={each}
            type="button"
            {...(tab === each ? { "aria-current": "page" as const } : {})}
            data-testid={`tab-${each}`}
            onClick={() => setTab(each)}
          >
            {each === "slack" ? "Slack" : "The account"}
            {each === "slack" && hasNews && <span className="tab-dot" role="img" aria-label="new messages" />}
          </button>
        ))}
      </nav>
      <div className="toast-place" role="status" aria-live="polite">
        {toastText !== "" && (
          <div className="toast" data-testid="toast">
            {toastText}
          </div>
        )}
      </div>
    </div>
  );
}

/** The account's many small changes must not draw every card again. */
const SlackHalf = memo(SlackWindow);

function AccountHalf(props: { readonly connection: Connection; readonly toast: (text: string) => void }): ReactNode {
  useBeat();
  const { account, accountHeardAt, send } = props.connection;
  if (account === null) return null;
  return <AccountPanel account={account} now={accountNow(account, accountHeardAt)} send={send} toast={props.toast} />;
}

/** On a phone: whether Slack has something new while the account is looked at. */
function useNews(slack: SlackSnapshot | null, tab: Tab): boolean {
  const newest = slack?.messages.at(-1)?.ts ?? "";
  const [seen, setSeen] = useState(newest);
  useEffect(() => {
    if (tab === "slack") setSeen(newest);
  }, [tab, newest]);
  return tab === "account" && newest !== seen;
}

function useToast(): { readonly text: string; readonly toast: (text: string) => void } {
  const [shown, setShown] = useState({ text: "", n: 0 });
  useEffect(() => {
    if (shown.text === "") return undefined;
    const timer = window.setTimeout(() => setShown((before) => ({ ...before, text: "" })), toastMs);
    return () => window.clearTimeout(timer);
  }, [shown]);
  const toast = useCallback((text: string) => setShown((before) => ({ text, n: before.n + 1 })), []);
  return { text: shown.text, toast };
}
