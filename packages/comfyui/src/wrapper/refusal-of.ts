import type { ComfyHttp } from "../comfy/comfy-http.ts";
import { refusedWorkflow } from "../comfy/refused-workflow.ts";
import { isRecord } from "../is-record.ts";
import type { JobError } from "../jobs/job-error.ts";
import type { Result } from "../jobs/result.ts";
import type { Workflow } from "../workflow.ts";
import { parseOrUndefined } from "./wrapper-answer.ts";

type Comfy = Pick<ComfyHttp, "get">;

/**
 * ComfyUI's refusal of a workflow, found in what its wrapper says of the job; undefined where the job has another fate.
 * The wrapper calls it a failure of the server's, with which clients try again, and passes on no more than the faults of
 * nodes. Those there are none of where a node is of an unknown class, so that ComfyUI is asked for that.
 */
export async function refusalOf(
  { message, status }: Result,
  { comfy, workflow }: { comfy: ComfyHttp; workflow: Workflow },
): Promise<JobError | undefined> {
  const [, told] = /\bComfyUI node errors: (.*)$/s.exec(message) ?? [];
  if (status !== "failed" || told === undefined) {
    return undefined;
  }
  const nodeErrors = parseOrUndefined(told);
  const hasNone = !isRecord(nodeErrors) || Object.keys(nodeErrors).length === 0;
  const nodeId = hasNone ? await findUnknownClass(workflow, comfy) : undefined;
  const error = { type: "", message: "its API wrapper doesn't tell why", details: "", extra_info: { node_id: nodeId } };
  return refusedWorkflow(comfy, workflow, { status: 400, body: { error, node_errors: nodeErrors } });
}

/** The first node of a class that ComfyUI hasn't. */
async function findUnknownClass(workflow: Workflow, comfy: Comfy): Promise<string | undefined> {
  const known = new Set<string>();
  for (const [nodeId, { class_type: classType }] of Object.entries(workflow)) {
    if (known.has(classType)) {
      continue;
    }
    if (await isUnknown(classType, comfy)) {
      return nodeId;
    }
    known.add(classType);
  }
  return undefined;
}

/** ComfyUI answers 200 for a class that it hasn't, with an empty object. */
async function isUnknown(classType: string, comfy: Comfy): Promise<boolean> {
  try {
    const { body, status } = await comfy.get(`/object_info/${encodeURIComponent(classType)}`);
    return status === 200 && isRecord(body) && Object.keys(body).length === 0;
  } catch {
    // The refusal stands without it.
    return false;
  }
}
