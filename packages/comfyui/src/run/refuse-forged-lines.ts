import { findForgedLine } from "../comfy/find-forged-line.ts";
import { comfyuiLogActions } from "../comfy/log-actions.ts";
import { JobError } from "../jobs/job-error.ts";
import { wrapperLogActions } from "../wrapper/log-actions.ts";

/** Both servers print parts of a request as they came: nobody shall make the worker believe that its model has failed. */
export function refuseForgedLines(request: unknown): void {
  const line = findForgedLine(request, comfyuiLogActions) ?? findForgedLine(request, wrapperLogActions);
  if (line !== undefined) {
    const message = `a text holds a line that would be mistaken for one of ComfyUI's log: ${JSON.stringify(line)}`;
    throw new JobError({ type: "invalid_workflow", message });
  }
}
