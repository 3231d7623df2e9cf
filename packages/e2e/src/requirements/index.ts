import { appRequirements } from "./apps.ts";
import { comfyuiRequirements } from "./comfyui.ts";
import { comfyuiFileRequirements } from "./comfyui-files.ts";
import { commandRequirements } from "./commands.ts";
import { containerRequirements } from "./containers.ts";
import { defectRequirements } from "./defects.ts";
import { environmentRequirements } from "./environment.ts";
import { faultRequirements } from "./faults.ts";
import { forwardingRequirements } from "./forwarding.ts";
import { launcherRequirements } from "./launcher.ts";
import { lifecycleRequirements } from "./lifecycle.ts";
import { llmRequirements } from "./llm.ts";
import { packageRequirements } from "./packages.ts";
import { queueRequirements } from "./queue.ts";
import { reportRequirements } from "./reports.ts";
import { requestRequirements } from "./requests.ts";
import type { Requirement } from "./requirement.ts";
import { servingRequirements } from "./serving.ts";
import { sessionRequirements } from "./sessions.ts";
import { stockTemplateRequirements } from "./stock-template.ts";
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
  ...launcherRequirements,
  ...stockTemplateRequirements,
  ...packageRequirements,
  ...appRequirements,
  ...containerRequirements,
  ...faultRequirements,
  ...defectRequirements,
] as const satisfies readonly Requirement[];

export type RequirementId = (typeof requirements)[number]["id"];
