/** Where a job stands, in the words of ComfyUI's API wrapper. */
export type JobStatus = "pending" | "processing" | "generating" | "generated" | "completed" | "failed" | "cancelled";

/** A file that a job has made. */
export interface OutputItem {
  filename: string;
  /** Its path on the machine that ComfyUI runs on. */
  local_path: string;
  /** ComfyUI's folder: `output`, `temp` or `input`. */
  type: string;
  subfolder: string;
  node_id: string;
  /** The key under which the node lists it (`images`, `gifs`, `audio` …). It says nothing of what the file is. */
  output_type: string;
  /** What the file is, by its content. */
  mimetype?: string;
  /** A presigned URL, where it was uploaded. */
  url?: string;
  upload_error?: string;
  /** Base64, where that was asked for. */
  data?: string;
  /** Why it could not be delivered. */
  error?: string;
}

/** A text that a node has put out. */
export interface TextOutput {
  node_id: string;
  output_type: string;
  text: string;
}

/** Milliseconds; `…_at_ms` since 1970. */
export interface Timings {
  queued_at_ms?: number;
  preprocess_ms?: number;
  generation_ms?: number;
  postprocess_ms?: number;
  completed_at_ms?: number;
  total_ms?: number;
}

/** What went wrong with a job. */
export interface JobFault {
  type: JobFaultType;
  message: string;
  /** The node that failed. */
  node_id?: string;
  node_type?: string;
  exception_type?: string;
  /** What is wrong with which input of which node. */
  nodes?: readonly NodeFault[];
}

export type JobFaultType =
  | "invalid_workflow"
  | "invalid_input"
  | "execution_error"
  | "out_of_memory"
  | "gpu_failed"
  | "prompt_worker_dead"
  | "interrupted"
  | "no_outputs"
  | "lost"
  | "comfyui_unreachable"
  | "timed_out"
  | "internal_error"
  | "cancelled";

/** One input that ComfyUI refuses. */
export interface NodeFault {
  node_id: string;
  class_type: string;
  title?: string;
  /** The input's name; undefined where the whole node is at fault. */
  field?: string;
  /** ComfyUI's own name for the fault: `value_not_in_list`, say. */
  type: string;
  message: string;
  received?: unknown;
  /** The values that would do, as far as they are few. */
  allowed?: readonly unknown[];
  minimum?: unknown;
  maximum?: unknown;
}

/** A job and what came of it: the body of every answer about it. */
export interface Result {
  id: string;
  message: string;
  status: JobStatus;
  comfyui_response: Record<string, unknown>;
  output: OutputItem[];
  /** Texts, where nodes have put out any. */
  texts?: TextOutput[];
  /** What ComfyUI has left out, and why, where it has run the rest. */
  dropped_outputs?: readonly NodeFault[];
  timings: Timings;
  /** Set where it failed. */
  error?: JobFault;
}
