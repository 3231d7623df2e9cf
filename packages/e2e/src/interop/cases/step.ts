import type { ReportBody, SignedAuthData } from "@pyworker/testing";
import type { Observation } from "../observation.ts";
import type { Side } from "../side.ts";

/** Something that leaves a trace in what a worker reports. */
export interface Step {
  name: string;
  /** Is over within a second, except for waiting for a report. Resolves to what was seen beside the reports. */
  act(context: StepContext): Promise<Observation>;
  /** What our worker must report of it, at least. */
  expected: Observation;
}

export interface StepContext {
  side: Side;
  /** Makes `auth_data` for a request of this step, whose end is then looked for in the reports. */
  sign(fields?: Partial<SignedAuthData>): SignedAuthData;
  /** The next status that matches, once the worker has put it behind itself. */
  nextStatus(matches?: (status: ReportBody) => boolean): Promise<ReportBody>;
}
