import type { Bench } from "./bench.ts";
import type { Line } from "./line.ts";
import type { Stage } from "./stage.ts";

/** A row of the table: what is measured, and how. */
export interface Row {
  row: string;
  what: string;
  measure(bench: Bench, stage: Stage): Promise<Line[]>;
}
