import { isRecord } from "../is-record.ts";

/** Whether a workflow is one that ComfyUI's editor has saved for itself, which ComfyUI can't run. */
export const isEditorFormat = (value: unknown): boolean =>
  isRecord(value) && Array.isArray(value.nodes) && Array.isArray(value.links);

/** What to do about it. */
export const editorFormatAdvice =
  "this is a workflow in the editor's format, which can't be run: in ComfyUI's menu choose File > Export (API) (older versions: Save (API Format)) and send that file";
