import type { Requirement } from "./requirement.ts";

export const packageRequirements = [] as const satisfies readonly Requirement[];
