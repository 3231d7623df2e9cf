import type { Requirement } from "./requirement.ts";

const source = "@pyworker/vllm";

export const textRequirements = [
  {
    id: "text/completions",
    behaviour: "/v1/completions answers bare and wrapped payloads, whole and streamed",
    source,
  },
  { id: "text/chat", behaviour: "/v1/chat/completions answers bare and wrapped payloads, whole and streamed", source },
  { id: "text/bad-fields", behaviour: "Wrong fields are refused by their path", source },
  {
    id: "text/workload",
    behaviour: "Workload is the expected output plus a quarter of the prompt, settled by the answer's usage",
    source,
  },
  {
    id: "text/usage-stripped",
    behaviour: "A stream holds the usage event when asked for, and is the model's own bytes without it otherwise",
    source,
  },
  {
    id: "text/context-length",
    behaviour: "Expected output is clamped to the context length the model server tells",
    source,
  },
  { id: "text/presets", behaviour: "BACKEND picks vllm, sglang or llama: its log file and patterns", source },
  {
    id: "text/routes",
    behaviour: "Every route of OPENAI_ROUTES answers, refuses wrong fields, and stops the model when its client leaves",
    source,
  },
  {
    id: "text/openai-client",
    behaviour: "In local mode the official openai client chats, streams, calls tools, embeds, transcribes and edits",
    source,
  },
  { id: "text/models", behaviour: "GET /v1/models passes through, signed", source },
  {
    id: "engine/end-to-end",
    behaviour: "The local engine routes signed requests to a ready worker, whose reports keep the contract",
    source: "@pyworker/engine",
  },
] as const satisfies readonly Requirement[];
