/**
 * What a scenario prints: who did what, in the order of the virtual clock. Nothing in it may change from run to run, so no ids,
 * ports or wall-clock times.
 */
export interface Transcript {
  /** One line; the time is the virtual clock's, counted from the beginning of the act. */
  line(who: string, text: string): void;
  heading(text: string): void;
  /** The next act begins: its clock counts from here. */
  begin(at: number): void;
}

const nameWidth = 11;

export function createTranscript(options: {
  readonly now: () => number;
  readonly write: (text: string) => void;
}): Transcript {
  let beganAt = options.now();
  return {
    line: (who, text) => {
      const [first = "", ...others] = text.split("\n").filter((each) => each.trim() !== "");
      options.write(`${offset(options.now() - beganAt)}  ${who.padEnd(nameWidth)}${first}\n`);
      for (const other of others) options.write(`${" ".repeat(10 + nameWidth)}${other}\n`);
    },
    heading: (text) => options.write(`\n${text}\n`),
    begin: (at) => {
      beganAt = at;
    },
  };
}

/** `+03:20`, or `+1:03:20` from the first hour on. */
export function offset(ms: number): string {
  const s = Math.floor(ms / 1_000);
  const two = (n: number): string => String(n).padStart(2, "0");
  const clock = `${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
  return (s < 3_600 ? `+${clock}` : `+${Math.floor(s / 3_600)}:${clock}`).padEnd(8);
}
