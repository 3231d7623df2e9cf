// The whole program: defaults from @pyworker/vllm, everything else from the environment.
import { createVllmWorker, readVllmOptions } from "@pyworker/vllm";

await createVllmWorker(readVllmOptions()).run();
