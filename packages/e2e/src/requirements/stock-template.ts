import type { Requirement } from "./requirement.ts";

export const stockTemplateRequirements = [] as const satisfies readonly Requirement[];
