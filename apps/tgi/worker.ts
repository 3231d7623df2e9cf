// The whole program: defaults from @pyworker/tgi, everything else from the environment.
import { createTgiWorker, readTgiOptions } from "@pyworker/tgi";

await createTgiWorker(readTgiOptions()).run();
