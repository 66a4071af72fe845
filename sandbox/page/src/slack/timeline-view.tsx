import { Fragment, useEffect, useLayoutEffect, useRef, useState, type ReactNode } from "react";
import { timeline, type TimelineEntry } from "../slack-state.ts";
import { dayText } from "../text/slack-date.ts";
import { Ephemeral, Message } from "./message.tsx";
import { useSlack } from "./slack-context.ts";

/** Messages of one person within this time stand together under one name. */
const groupedWithinS = 300;
/** As near as this to the end counts as reading the end: new messages then scroll into sight. */
const nearEndPx = 120;

/** The messages of a channel or a thread, newest at the bottom and in sight. */
export function TimelineView(props: {
  readonly channel: string;
  readonly threadTs: string | null;
  readonly empty: ReactNode;
}): ReactNode {
  const { slack, now } = useSlack();
  const scroller = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const entries = timeline(slack, props.channel, props.threadTs);
  const newest = entries.at(-1)?.ts ?? "";
  const [seen, setSeen] = useState(newest);
  const toEnd = (): void => {
    const element = scroller.current;
    if (element !== null) element.scrollTop = element.scrollHeight;
  };

  useLayoutEffect(() => {
    isAtEnd.current = true;
  }, [props.channel, props.threadTs, slack.person]);
  useLayoutEffect(() => {
    if (!isAtEnd.current) return;
    toEnd();
    setSeen(newest);
  });
  // Cards grow after they were drawn (fonts, opened parts); the end stays in sight then, too.
  useEffect(() => {
    const element = scroller.current;
    const inner = element?.firstElementChild;
    if (element === null || inner === null || inner === undefined) return undefined;
    const observer = new ResizeObserver(() => {
      if (isAtEnd.current) element.scrollTop = element.scrollHeight;
    });
    observer.observe(inner);
    return () => observer.disconnect();
  }, []);

  return (
    <div className="timeline-holder">
      <div
        className="timeline"
        ref={scroller}
        tabIndex={0}
        role="log"
        aria-label="Messages"
        data-testid={props.threadTs === null ? "timeline" : "thread-timeline"}
        onScroll={(event) => {
          const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
          isAtEnd.current = scrollHeight - scrollTop - clientHeight < nearEndPx;
          if (isAtEnd.current) setSeen(newest);
        }}
      >
        <div className="timeline-inner">
          {entries.length === 0 && props.empty}
          {entries.map((entry, index) => {
            const before = entries[index - 1];
            const day = dayText(Number(entry.ts) * 1_000, now());
            const isNewDay = before === undefined || dayText(Number(before.ts) * 1_000, now()) !== day;
            return (
              <Fragment key={`${entry.kind} ${entry.kind === "message" ? entry.ts : entry.ephemeral.id}`}>
                {isNewDay && props.threadTs === null && (
                  <>
                    <hr className="day-line" />
                    <div className="day">
                      <span>{day}</span>
                    </div>
                  </>
                )}
                <Entry
                  entry={entry}
                  isCompact={!isNewDay && goesOn(before, entry)}
                  inThread={props.threadTs !== null}
                />
              </Fragment>
            );
          })}
        </div>
      </div>
      {Number(newest) > Number(seen) && (
        <button type="button" className="to-newest" onClick={toEnd}>
          New messages ↓
        </button>
      )}
    </div>
  );
}

function Entry(props: {
  readonly entry: TimelineEntry;
  readonly isCompact: boolean;
  readonly inThread: boolean;
}): ReactNode {
  const { entry } = props;
  if (entry.kind === "ephemeral") return <Ephemeral answer={entry.ephemeral} />;
  return <Message message={entry.message} isCompact={props.isCompact} inThread={props.inThread} />;
}

function goesOn(before: TimelineEntry | undefined, entry: TimelineEntry): boolean {
  if (before?.kind !== "message" || entry.kind !== "message") return false;
  const isNear = Number(entry.ts) - Number(before.ts) < groupedWithinS;
  return (
    isNear &&
    before.message.user === entry.message.user &&
    entry.message.blocks.length === 0 &&
    !entry.message.broadcast
  );
}
