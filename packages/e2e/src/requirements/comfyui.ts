import type { Requirement } from "./requirement.ts";

const source = "packages/comfyui/README.md";

/** What holds for every worker for ComfyUI, with or without the API wrapper. */
export const comfyuiRequirements = [
  { id: "comfyui/sync", behaviour: "A job is answered when it is done, and its files can be fetched", source },
  {
    id: "comfyui/execution-error",
    behaviour: "A failed job is a 500 that names the node, its type and what it said",
    source,
  },
  {
    id: "comfyui/invalid",
    behaviour: "A workflow that ComfyUI refuses is a 400 with node, title, field, what came and what is allowed",
    source,
  },
  {
    id: "comfyui/refused",
    behaviour: "A request that names no source, several, or a workflow in the editor's format is a 422 that says so",
    source,
  },
  {
    id: "comfyui/dangling-link",
    behaviour: "A link to a node that the workflow lacks is refused before it ends ComfyUI's prompt worker",
    source,
  },
  { id: "comfyui/response", behaviour: "ComfyUI's history of a job comes along where it is asked for", source },
  {
    id: "comfyui/request-id",
    behaviour: "A request_id is kept, and refused with 409 while a job of this id is under way",
    source,
  },
  { id: "comfyui/capacity", behaviour: "Beyond MAX_QUEUE_SIZE jobs the answer is 503 with Retry-After", source },
  {
    id: "comfyui/wrapper-answers",
    behaviour: "Behind the API wrapper, status and body are the wrapper's, byte for byte, but for a refused workflow's",
    source,
  },
  {
    id: "comfyui/later",
    behaviour: "/generate answers 202 with an id, the job goes on without its client, and /result tells how it ended",
    source,
  },
  {
    id: "comfyui/cancel",
    behaviour: "/cancel ends a job that waits or runs and no other, and so does a client that leaves /generate/sync",
    source,
  },
  { id: "comfyui/unknown", behaviour: "An id that nobody knows is a 404", source },
  {
    id: "comfyui/signed",
    behaviour: "/result, /cancel and /view take a signature in header, query or envelope, and are 401 without",
    source,
  },
  { id: "comfyui/view", behaviour: "/view is passed through: ranges, HEAD, 404 for what is missing", source },
  {
    id: "comfyui/wrapper-jobs",
    behaviour: "Jobs that the API wrapper alone knows can be asked about and cancelled through the worker",
    source,
  },
  {
    id: "comfyui/stream",
    behaviour: "/generate/stream tells of a job from its place in the queue to its result, which comes last",
    source,
  },
  {
    id: "comfyui/progress",
    behaviour: "A stream names each node, and each step with a percentage that never falls and what remains",
    source,
  },
  { id: "comfyui/load", behaviour: "The load that the engine is told of falls as a watched job gets on", source },
  { id: "comfyui/previews", behaviour: "A stream brings pictures of what is being made where asked to", source },
  { id: "comfyui/stream-leave", behaviour: "A client that leaves its stream cancels its job and no other", source },
  {
    id: "comfyui/queue",
    behaviour: "Of many jobs in the queue, cancelling or leaving one ends that one; the others run in their order",
    source,
  },
  {
    id: "comfyui/socket",
    behaviour: "A job ends as it should though ComfyUI's socket is silent, refused, broken or lost",
    source,
  },
  {
    id: "comfyui/late",
    behaviour: "A job survives a history that is late and a /prompt that fails at first; one that never works is a 502",
    source,
  },
  {
    id: "comfyui/cache",
    behaviour: "A workflow that ComfyUI has run before brings its files again, though those of then are gone",
    source,
  },
  { id: "comfyui/blocked", behaviour: "A branch that ComfyUI blocks fails no job", source },
  {
    id: "comfyui/memory",
    behaviour: "A job that runs out of memory is a 500; ComfyUI frees memory and the worker goes on",
    source,
  },
  { id: "comfyui/cycle", behaviour: "A cycle is an error, though ComfyUI calls it a success", source },
  {
    id: "comfyui/killed",
    behaviour: "Jobs of a ComfyUI that is killed are answered in time; the worker is errored, and ready again with it",
    source,
  },
  { id: "comfyui/gpu", behaviour: "A CUDA error that leaves the GPU of no use makes the worker errored", source },
  {
    id: "comfyui/log",
    behaviour: "Lines of ComfyUI's log that tell of its end make the worker errored; those of one job's failure don't",
    source,
  },
  { id: "comfyui/forged-line", behaviour: "A request whose text would pass for a line of the log is refused", source },
  {
    id: "comfyui/wrapper-ready",
    behaviour: "In wrapper mode, the wrapper's log or its health says when it is ready, and its log when it never will",
    source,
  },
  {
    id: "comfyui/one-benchmark",
    behaviour: "One benchmark is run for one start, however many ways tell of it",
    source,
  },
  {
    id: "comfyui/auto",
    behaviour: "Where MODE is auto, the wrapper is used where it answers, and ComfyUI itself where it doesn't",
    source,
  },
  {
    id: "comfyui/environment",
    behaviour: "What is wrong in the environment is reported by name; MODEL_SERVER_URL stands in for COMFYUI_URL",
    source,
  },
  {
    id: "comfyui/restart",
    behaviour: "The worker is errored while ComfyUI is away, and ready again once it is back",
    source,
  },
] as const satisfies readonly Requirement[];
