import { commandRequirements } from "./commands.ts";
import { defectRequirements } from "./defects.ts";
import { environmentRequirements } from "./environment.ts";
import { faultRequirements } from "./faults.ts";
import { forwardingRequirements } from "./forwarding.ts";
import { lifecycleRequirements } from "./lifecycle.ts";
import { llmRequirements } from "./llm.ts";
import { queueRequirements } from "./queue.ts";
import { reportRequirements } from "./reports.ts";
import { requestRequirements } from "./requests.ts";
import type { Requirement } from "./requirement.ts";
import { sessionRequirements } from "./sessions.ts";
import { textRequirements } from "./text.ts";
import { tgiRequirements } from "./tgi.ts";
import { tokenRequirements } from "./tokens.ts";

/** The wire contract as data. */
export const requirements = [
  ...environmentRequirements,
  ...requestRequirements,
  ...forwardingRequirements,
  ...queueRequirements,
  ...sessionRequirements,
  ...lifecycleRequirements,
  ...reportRequirements,
  ...textRequirements,
  ...llmRequirements,
  ...tgiRequirements,
  ...tokenRequirements,
  ...commandRequirements,
  ...faultRequirements,
  ...defectRequirements,
] as const satisfies readonly Requirement[];

export type RequirementId = (typeof requirements)[number]["id"];
