import type { Requirement } from "./requirement.ts";

export const appRequirements = [] as const satisfies readonly Requirement[];
