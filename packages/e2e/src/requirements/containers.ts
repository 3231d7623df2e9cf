import type { Requirement } from "./requirement.ts";

export const containerRequirements = [] as const satisfies readonly Requirement[];
