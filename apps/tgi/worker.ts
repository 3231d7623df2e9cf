// The whole program: defaults from @pyworker/tgi, everything else from the environment.
import "@pyworker/tgi";
