// The whole program: defaults from @pyworker/vllm, everything else from the environment.
import { readVariables } from "@pyworker/core";
import { createVllmWorker } from "@pyworker/vllm";

const { MODEL_NAME: model } = readVariables(["MODEL_NAME"]);
await createVllmWorker(model === undefined ? {} : { model }).run();
