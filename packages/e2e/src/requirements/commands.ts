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
      "npm start -- NAME does that with the stand-in and the app of vllm, sglang, llama or tgi; --help names all backends",
    source,
  },
  {
    id: "command/jobs",
    behaviour:
      "npm start -- comfyui, wan or ace shows how a job goes, writes its file to --output, and says where, how large and of what type it is",
    source,
  },
  {
    id: "command/workflow",
    behaviour: "--workflow FILE sends a workflow of one's own, every digit of its numbers kept",
    source,
  },
  {
    id: "command/failed-job",
    behaviour: "a job that fails is shown with its node and the reason, and --once exits 1",
    source,
  },
  {
    id: "command/interrupted-job",
    behaviour: "Ctrl-C while a job runs cancels it and leaves nothing running",
    source,
  },
  {
    id: "command/serve",
    behaviour: "npm start keeps serving; Ctrl-C ends it cleanly and leaves nothing running",
    source,
  },
  {
    id: "command/real-model",
    behaviour:
      "npm start -- --model-url URL --model-log FILE puts a real server behind the worker; a ComfyUI needs no log",
    source,
  },
  { id: "command/mistakes", behaviour: "npm start says what is wrong with its options, and what there is", source },
  {
    id: "command/documented",
    behaviour: "every command on a page does what the page says, in the order and the folder in which a reader runs it",
    source: "CONTRIBUTING",
  },
] as const satisfies readonly Requirement[];
