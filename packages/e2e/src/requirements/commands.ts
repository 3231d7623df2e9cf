import type { Requirement } from "./requirement.ts";

const source = "README";

export const commandRequirements = [
  {
    id: "command/once",
    behaviour: "npm start -- --once shows a worker that became ready and a streamed, signed answer, and exits 0",
    source,
  },
  {
    id: "command/backends",
    behaviour:
      "npm start -- NAME does that with the stand-in and the app of vllm, sglang, llama or tgi; --help names them",
    source,
  },
  {
    id: "command/serve",
    behaviour: "npm start keeps serving; Ctrl-C ends it cleanly and leaves nothing running",
    source,
  },
  {
    id: "command/real-model",
    behaviour: "npm start -- --model-url URL --model-log FILE puts a real server behind the worker",
    source,
  },
  { id: "command/mistakes", behaviour: "npm start says what is wrong with its options, and what there is", source },
] as const satisfies readonly Requirement[];
