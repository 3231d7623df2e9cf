import type { Observation } from "../observation.ts";
import type { Side } from "../side.ts";

/** Something that is done to both workers, and compared. */
export interface Case {
  /** What happens, as the end of a sentence that begins with "when". */
  name: string;
  run(side: Side): Promise<Observation>;
  /** What our worker must make of it, at least: two workers that are wrong alike prove nothing. */
  expected: Observation;
}
