import { drawFrom } from "@pyworker/comfyui";
import { buildWanWorkflow } from "./build-wan-workflow.ts";
import { videoPrompts } from "./video-prompts.ts";
import { createWanSchema } from "./wan-request.ts";

/** One video tells what there is to know, and with the one ahead that loads the models it takes many minutes. */
export const wanBenchmarkSettings = { runs: 1, maxSeconds: 3600 } as const;

/** A request for a video of 640 x 640 pixels and 81 frames in 20 steps, each of something else. */
export const wanBenchmarkRequest = () => ({
  input: { workflow_json: buildWanWorkflow(schema.parse({ prompt: drawFrom(videoPrompts) })) },
});

const schema = createWanSchema();
