import { parseArgs } from "node:util";

/** What stands behind `npm start --`. */
export type Options = ReturnType<typeof readOptions>["values"];

/** Options that only some backends take. */
export type BackendOption = "model" | "mode" | "workflow" | "output";

/** Reads the command line. Throws where there is an option that nobody knows. */
export const readOptions = () =>
  parseArgs({
    allowPositionals: true,
    options: {
      once: { type: "boolean", default: false },
      "model-url": { type: "string" },
      "model-log": { type: "string" },
      model: { type: "string" },
      mode: { type: "string" },
      port: { type: "string", default: "3000" },
      "engine-port": { type: "string", default: "8080" },
      prompt: { type: "string" },
      workflow: { type: "string" },
      output: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });

/** Throws where an option is given that this backend can't do anything with. */
export function checkOptions(
  options: Options,
  { name, taken }: { name: string; taken: readonly BackendOption[] },
): void {
  const some: readonly BackendOption[] = ["model", "mode", "workflow", "output"];
  const wrong = some.find((option) => options[option] !== undefined && !taken.includes(option));
  if (wrong !== undefined) {
    throw new Error(`${name} takes no --${wrong}`);
  }
}

export const helpText = (backendNames: readonly string[]): string => `npm start -- [backend] [options]

Starts a local engine, a stand-in model server and a worker between them, waits until the worker is ready, sends it a
signed request and shows the streamed answer: a text, or how a job goes and the files that it makes. Then it keeps serving
until Ctrl-C.

  --once              stop after the first answer, with status 1 where a job has failed
  --model-url URL     use this model server (for comfyui, wan and ace: this ComfyUI) instead of the stand-in
  --model-log FILE    the log file of that model server; comfyui, wan and ace do without, for they ask ComfyUI itself
  --model NAME        the model's name, where the server wants one; for comfyui the checkpoint's file
  --port PORT         the worker's port (default 3000; the next one up is its internal port)
  --engine-port PORT  the engine's port (default 8080)
  --prompt TEXT       what to ask (default: "Say hello"); for comfyui and wan what is to be seen, for ace the tags
  --help              this text

For comfyui, wan and ace:

  --workflow FILE     run this workflow, in ComfyUI's API format, instead of what is built in
  --output FOLDER     where files go (default: output)
  --mode MODE         how jobs reach ComfyUI: direct (default), or wrapper: through a stand-in for its API wrapper

Backends: ${backendNames.join(", ")} (default: vllm)`;
