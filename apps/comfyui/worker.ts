// The whole program: defaults from @pyworker/comfyui, everything else from the environment.
import { createComfyuiWorker, readComfyuiOptions } from "@pyworker/comfyui";

await createComfyuiWorker(readComfyuiOptions()).run();
