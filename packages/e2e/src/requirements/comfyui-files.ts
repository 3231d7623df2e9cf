import type { Requirement } from "./requirement.ts";

const source = "packages/comfyui/README.md";

/** What goes into ComfyUI's jobs and what comes out of them, and who is told. */
export const comfyuiFileRequirements = [
  {
    id: "comfyui/input-url",
    behaviour: "An input may be a URL, which is fetched; ComfyUI gets its very bytes",
    source,
  },
  { id: "comfyui/input-inline", behaviour: "An input may be a data URI, or base64 among `files`", source },
  { id: "comfyui/input-form", behaviour: "Inputs may come with the request, as files of a form", source },
  { id: "comfyui/upload", behaviour: "Inputs may be uploaded first, by a signed POST /upload/image", source },
  {
    id: "comfyui/input-guard",
    behaviour:
      "A URL that leads to this machine or a private network is refused, by name of node and field, and never asked",
    source,
  },
  {
    id: "comfyui/input-limits",
    behaviour:
      "A file that is too large, comes too slowly, is not there or is no base64: 400, by name of node and field",
    source,
  },
  { id: "comfyui/input-unused", behaviour: "A file that no input names is refused by its name", source },
  { id: "comfyui/input-text", behaviour: "A text that holds a URL, or one of another scheme, stays a text", source },
  { id: "comfyui/overrides", behaviour: "Inputs are overridden by a node's id or title", source },
  {
    id: "comfyui/overrides-faults",
    behaviour: "A node that is unknown, or a title of several, is refused by name",
    source,
  },
  { id: "comfyui/random", behaviour: "`__RANDOM_INT__` is another integer in each input of each run", source },
  { id: "comfyui/seeds", behaviour: "Integers of 64 bits reach ComfyUI exactly", source },
  { id: "comfyui/modifiers", behaviour: "Text2Image and Image2Image make the workflow of their modifications", source },
  {
    id: "comfyui/modifier-unknown",
    behaviour: "An unknown modifier: 422 that lists the known ones; with a wrapper, it is the wrapper's",
    source,
  },
  { id: "comfyui/workflow-text", behaviour: "A workflow may be sent as JSON text", source },
  { id: "comfyui/s3", behaviour: "Outputs are uploaded to S3; their presigned URLs lead to their very bytes", source },
  { id: "comfyui/s3-request", behaviour: "A request brings its own account; empty texts are not set", source },
  {
    id: "comfyui/s3-environment",
    behaviour: "The environment's account serves unless a request says s3: false",
    source,
  },
  {
    id: "comfyui/s3-incomplete",
    behaviour: "Half an account is 400 by the names of what lacks, before anything runs",
    source,
  },
  { id: "comfyui/s3-failure", behaviour: "A failed upload is told on its file; the job is completed", source },
  {
    id: "comfyui/s3-guard",
    behaviour: "A request's own endpoint must be public or allowed; the environment's need not",
    source,
  },
  { id: "comfyui/s3-large", behaviour: "200 MB are uploaded within 50 MB of memory", source },
  { id: "comfyui/s3-wrapper", behaviour: "With a wrapper, S3 is left to it", source },
  { id: "comfyui/outputs", behaviour: "All files of all nodes are told, with where they lie", source },
  { id: "comfyui/view-range", behaviour: "GET /view gives the part of a file that is asked for", source },
  { id: "comfyui/mimetype", behaviour: "A file's type is that of its content, whatever key lists it", source },
  { id: "comfyui/texts", behaviour: "What nodes say is told beside the files", source },
  {
    id: "comfyui/temp",
    behaviour: "Temporary files are told where they are asked for, or there is nothing else",
    source,
  },
  {
    id: "comfyui/base64-limit",
    behaviour: "A file above OUTPUT_BASE64_MAX_BYTES has an error, and the job is completed",
    source,
  },
  { id: "comfyui/base64", behaviour: "Outputs come as base64 where a member or header asks for it", source },
  { id: "comfyui/webhook", behaviour: "A webhook is told how its job has ended, with the caller's parameters", source },
  { id: "comfyui/webhook-failure", behaviour: "It is told of failures too, and what went wrong", source },
  {
    id: "comfyui/webhook-cancel",
    behaviour: "It is told of jobs that were cancelled or whose client has left",
    source,
  },
  { id: "comfyui/webhook-signed", behaviour: "Its raw body is signed by HMAC, with the request's secret", source },
  {
    id: "comfyui/webhook-retry",
    behaviour: "It is called again where it was busy or away; a refusal or a redirect is final",
    source,
  },
  { id: "comfyui/webhook-guard", behaviour: "None on the inside is called, unless it is allowed", source },
  { id: "comfyui/webhook-session", behaviour: "The worker's own /session/end may be one", source },
  {
    id: "comfyui/webhook-environment",
    behaviour: "WEBHOOK_URL is told of every job, signed with WEBHOOK_SECRET; with a wrapper, by the wrapper",
    source,
  },
  { id: "comfyui/webhook-load", behaviour: "A call under way is no load, and the next job has its turn", source },
  { id: "comfyui/webhook-stop", behaviour: "A stopping worker waits for its calls, within DRAIN_SECONDS", source },
] as const satisfies readonly Requirement[];
