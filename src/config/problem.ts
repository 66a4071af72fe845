/** One thing that is wrong in the configuration: where, what was found against what is needed, and what would be right. */
export interface Problem {
  /** "error" stops the bot from starting; "warning" is said and lived with. */
  readonly severity: "error" | "warning";
  /** File as it was named, or "environment". */
  readonly file: string;
  /** 1-based; absent for the environment and for what has no place. */
  readonly line?: number;
  readonly column?: number;
  /** Dotted path of the setting: `services.shop-web.probe.url`, or the variable's name. */
  readonly field: string;
  /** Found against needed. */
  readonly message: string;
  /** What to write instead. */
  readonly fix: string;
}

/** `medic.yaml:14:7  services.shop-web.pattern` and two lines under it; compilers and editors jump to the first. */
export function renderProblem(problem: Problem): string {
  const place = [problem.file, problem.line, problem.column].filter((part) => part !== undefined).join(":");
  const label = problem.severity === "error" ? "error" : "warning";
  return `${place}  ${problem.field}\n  ${label}: ${problem.message}\n  fix: ${problem.fix}`;
}

export function isError(problem: Problem): boolean {
  return problem.severity === "error";
}

/** By place, so that a reader walks the file once. */
export function inOrder(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}
