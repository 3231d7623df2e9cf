import { drawFrom } from "@pyworker/comfyui";
import { createAceSchema } from "./ace-request.ts";
import { buildAceWorkflow } from "./build-ace-workflow.ts";
import { songs } from "./songs.ts";

/** One piece of three minutes tells what there is to know. */
export const aceBenchmarkSettings = { runs: 1, maxSeconds: 1800 } as const;

/** A request for 180 seconds in 65 steps, each of another piece. */
export const aceBenchmarkRequest = () => ({
  input: { workflow_json: buildAceWorkflow(schema.parse(drawFrom(songs))) },
});

const schema = createAceSchema();
