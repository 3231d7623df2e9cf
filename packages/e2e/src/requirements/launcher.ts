import type { Requirement } from "./requirement.ts";

export const launcherRequirements = [] as const satisfies readonly Requirement[];
