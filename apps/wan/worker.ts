// The whole program: defaults from @pyworker/wan, everything else from the environment.
import { createWanWorker, readWanOptions } from "@pyworker/wan";

await createWanWorker(readWanOptions()).run();
