import type { Requirement } from "./requirement.ts";

const source = "apps/vllm, apps/sglang, apps/llama, apps/tgi";

/** What holds for the worker of every language-model server. */
export const llmRequirements = [
  { id: "llm/ready", behaviour: "The server's own log makes the worker ready, after a benchmark", source },
  { id: "llm/same-answers", behaviour: "Answers are the model server's, whole and streamed", source },
  { id: "llm/bad-fields", behaviour: "Wrong fields are refused by their path, and never reach the model", source },
  { id: "llm/settled", behaviour: "What is booked is what was used, not what the request allowed", source },
  { id: "llm/remaining", behaviour: "Load in flight falls as tokens arrive", source },
  { id: "llm/max-queue-time", behaviour: "MAX_QUEUE_TIME is what a request may be expected to wait", source },
  { id: "llm/stream-errors", behaviour: "An error inside a stream of status 200 is booked as an error", source },
  { id: "llm/disconnect", behaviour: "A client that leaves mid-stream stops the model", source },
  { id: "llm/chat", behaviour: "Chats are answered, whole and streamed", source },
  { id: "llm/fatal", behaviour: "What the log says is fatal is reported; a restarted server is ready again", source },
] as const satisfies readonly Requirement[];
