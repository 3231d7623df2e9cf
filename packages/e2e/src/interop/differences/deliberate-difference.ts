import type { RequirementId } from "../../requirements/index.ts";
import type { Sighting } from "./sighting.ts";

/** Something that our worker does differently from the Python one, and is meant to. */
export interface DeliberateDifference {
  id: string;
  /** What the Python worker does. */
  reference: string;
  ours: string;
  why: string;
  /** What of the contract asks for it. */
  requirements: readonly [RequirementId, ...RequirementId[]];
  /** Everywhere it is seen when the same is done to both. */
  seen: readonly Sighting[];
}
