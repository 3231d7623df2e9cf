// A worker with a command, for command.test.ts to call.
import { runWorkerCommand } from "./command.ts";
import { anyPayload, defineHandler } from "./handler.ts";
import { Worker } from "./worker.ts";

await runWorkerCommand({
  command: "node my-worker.ts",
  manifest: new URL("../package.json", import.meta.url),
  docs: "https://example.com/my-worker",
  variables: { MY_VARIABLE: "what it `means`, in so many words that they don't all fit into one line of a terminal" },
  createWorker: () => {
    console.log("a worker is made");
    return new Worker({
      modelServerUrl: "http://127.0.0.1:9",
      handlers: [
        defineHandler({ route: "/v1/completions", payload: anyPayload, benchmark: { dataset: [{ prompt: "hello" }] } }),
      ],
      watchModel: async () => {},
    });
  },
});
