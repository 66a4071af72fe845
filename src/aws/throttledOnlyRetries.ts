/**
 * A retry strategy for calls that may not happen twice: only a throttled one is sent again, because EC2 says so before it does
 * anything. A lost answer, a 500 or a broken connection may have come after the fact.
 */

/** The SDK's shapes of a retry strategy, as far as they are used; it takes any object that fits. */
interface RetryToken {
  getRetryCount(): number;
  getRetryDelay(): number;
}

export interface ThrottledOnlyRetries {
  acquireInitialRetryToken(scope: string): Promise<RetryToken>;
  /** Rejects: the call is not sent again and fails with what it failed with. */
  refreshRetryTokenForRetry(last: RetryToken, why: { readonly errorType: string }): Promise<RetryToken>;
  recordSuccess(): void;
}

/** The SDK's own base pause after throttling, doubled each time. */
const firstPauseMs = 500;

export function throttledOnlyRetries(attemptsMax: number): ThrottledOnlyRetries {
  return {
    acquireInitialRetryToken: () => Promise.resolve(token(0, 0)),
    refreshRetryTokenForRetry: (last, { errorType }) => {
      const tries = last.getRetryCount() + 1;
      if (errorType !== "THROTTLING" || tries >= attemptsMax) return Promise.reject(new Error("not sent again"));
      return Promise.resolve(token(tries, firstPauseMs * 2 ** (tries - 1)));
    },
    recordSuccess: () => undefined,
  };
}

function token(tries: number, pauseMs: number): RetryToken {
  return { getRetryCount: () => tries, getRetryDelay: () => pauseMs };
}
