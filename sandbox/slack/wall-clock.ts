import type { DeadlineClock } from "./workspace-core.ts";

/** Real time, for the pretend Slack as a process of its own and for the three seconds that a person waits. */
export const wallClock: DeadlineClock = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
