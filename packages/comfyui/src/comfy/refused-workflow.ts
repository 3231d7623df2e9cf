import { z } from "zod";
import { JobError } from "../jobs/job-error.ts";
import type { NodeFault } from "../jobs/result.ts";
import type { Workflow } from "../workflow.ts";
import type { ComfyHttp, JsonAnswer } from "./comfy-http.ts";
import { describeFaults, limitsOf, nodeAt, nodeFaultsOf } from "./node-faults.ts";

const refusalSchema = z.looseObject({
  error: z
    .looseObject({
      type: z.string().catch(""),
      message: z.string().catch(""),
      details: z.string().catch(""),
      extra_info: z.looseObject({ node_id: z.string().optional() }).catch({}),
    })
    // What stands before ComfyUI may answer in its place, with a text.
    .or(z.string().transform((message) => ({ type: "", message, details: "", extra_info: { node_id: undefined } })))
    .optional(),
  node_errors: z.unknown().optional(),
});

/** Makes an error that a client can act on out of ComfyUI's refusal of a workflow. */
export async function refusedWorkflow(
  comfy: ComfyHttp,
  workflow: Workflow,
  { body, status }: JsonAnswer,
): Promise<JobError> {
  const invalid = (message: string, nodes: readonly NodeFault[] = []) =>
    new JobError({ type: "invalid_workflow", message, ...(nodes.length === 0 ? {} : { nodes }) });
  if (status === 413) {
    return invalid(
      "the workflow is larger than ComfyUI takes (--max-upload-size); upload files instead of embedding them",
    );
  }
  const { error, node_errors } = refusalSchema.safeParse(body).data ?? {};
  const nodes = await withAllowed(comfy, nodeFaultsOf(workflow, node_errors));
  if (nodes.length > 0) {
    return invalid(describeFaults(nodes), nodes);
  }
  if (error?.type === "prompt_no_outputs") {
    return invalid("the workflow has no output: it needs a node that saves something, such as SaveImage");
  }
  const nodeId = error?.extra_info.node_id ?? /^Node ID '#(.*)'$/.exec(error?.details ?? "")?.[1];
  if (nodeId !== undefined) {
    const fault = missingNode(workflow, nodeId);
    return invalid(describeFaults([fault]), [fault]);
  }
  const reason = [error?.message, error?.details].filter((part) => part).join(": ");
  return invalid(`ComfyUI refuses the workflow: ${reason === "" ? `status ${status}` : reason}`);
}

function missingNode(workflow: Workflow, nodeId: string): NodeFault {
  const node = nodeAt(workflow, nodeId);
  const message = "ComfyUI has no node of this class: the custom node is not installed, or its import has failed";
  return { ...node, type: "missing_node_type", message };
}

/** Validation leaves long lists out (above 20 values); the node's description has them. */
async function withAllowed(comfy: ComfyHttp, faults: readonly NodeFault[]): Promise<NodeFault[]> {
  const described = new Map<string, Promise<unknown>>();
  const describe = (classType: string): Promise<unknown> => {
    const known = described.get(classType) ?? objectInfo(comfy, classType);
    described.set(classType, known);
    return known;
  };
  return Promise.all(
    faults.map(async (fault) => {
      if (fault.type !== "value_not_in_list" || fault.allowed !== undefined || fault.field === undefined) {
        return fault;
      }
      return { ...fault, ...limitsOf(inputConfigOf(await describe(fault.class_type), fault)) };
    }),
  );
}

async function objectInfo(comfy: ComfyHttp, classType: string): Promise<unknown> {
  try {
    return (await comfy.get(`/object_info/${encodeURIComponent(classType)}`)).body;
  } catch {
    // The refusal stands without it.
    return undefined;
  }
}

const inputsSchema = z.record(z.string(), z.unknown()).catch({});
const objectInfoSchema = z.record(
  z.string(),
  z.looseObject({ input: z.looseObject({ required: inputsSchema, optional: inputsSchema }) }),
);

function inputConfigOf(info: unknown, { class_type, field = "" }: NodeFault): unknown {
  const input = objectInfoSchema.safeParse(info).data?.[class_type]?.input;
  return input?.required[field] ?? input?.optional[field];
}
