/** What one look at a worker's surroundings has found. */
export interface Finding {
  /** What was looked at: `model server`, or the variable that is wrong. */
  name: string;
  /** "wrong": a worker can't start or serve like this. "warning": it can, and somebody should know. */
  outcome: "ok" | "wrong" | "warning" | "skipped";
  found: string;
  /** What would be right, where it is not. */
  expected?: string;
  /** What to do about it. */
  advice?: string;
}

/** Findings as lines of text, one each, and how many there are of each outcome in a last one. */
export function formatFindings(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  const lines = findings.map(
    (finding) => `${finding.outcome.padEnd(outcomeWidth)}  ${finding.name.padEnd(width)}  ${messageOf(finding)}`,
  );
  const counts = outcomes.map((outcome) => `${findings.filter((one) => one.outcome === outcome).length} ${outcome}`);
  return [...lines, counts.join(", ")].join("\n");
}

const outcomes = ["wrong", "warning", "ok", "skipped"] as const;
const outcomeWidth = "warning".length;

function messageOf({ advice, expected, found }: Finding): string {
  const what = expected === undefined ? found : `expected ${expected}, found ${found}`;
  return advice === undefined ? what : `${what}: ${advice}`;
}
