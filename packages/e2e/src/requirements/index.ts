import { comfyuiRequirements } from "./comfyui.ts";
import { comfyuiFileRequirements } from "./comfyui-files.ts";
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
import { servingRequirements } from "./serving.ts";
import { sessionRequirements } from "./sessions.ts";
import { textRequirements } from "./text.ts";
import { tgiRequirements } from "./tgi.ts";
import { tokenRequirements } from "./tokens.ts";
import { wanAceRequirements } from "./wan-ace.ts";

/** The wire contract as data. */
export const requirements = [
  ...environmentRequirements,
  ...requestRequirements,
  ...forwardingRequirements,
  ...queueRequirements,
  ...servingRequirements,
  ...sessionRequirements,
  ...lifecycleRequirements,
  ...reportRequirements,
  ...textRequirements,
  ...llmRequirements,
  ...tgiRequirements,
  ...tokenRequirements,
  ...comfyuiRequirements,
  ...comfyuiFileRequirements,
  ...wanAceRequirements,
  ...commandRequirements,
  ...faultRequirements,
  ...defectRequirements,
] as const satisfies readonly Requirement[];

export type RequirementId = (typeof requirements)[number]["id"];
