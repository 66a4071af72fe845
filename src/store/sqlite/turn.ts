/** A turn of the event loop: what others have ready runs first. Waits for turns, never for time. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
