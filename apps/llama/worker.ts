// The whole program: llama.cpp's defaults from @pyworker/vllm, everything else from the environment.
import { createVllmWorker, readVllmOptions } from "@pyworker/vllm";

await createVllmWorker({ ...readVllmOptions(), engine: "llama" }).run();
