// The whole program: defaults from @pyworker/ace, everything else from the environment.
import { createAceWorker, readAceOptions } from "@pyworker/ace";

await createAceWorker(readAceOptions()).run();
