import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Backend } from "./backend.ts";
import type { BackendOption, Options } from "./options.ts";
import { createProgressView } from "./progress-view.ts";
import { provideComfyui } from "./provide-comfyui.ts";
import { runJob } from "./run-job.ts";
import { saveOutputs } from "./save-outputs.ts";

/** What to ask a backend on ComfyUI for. */
interface JobDefinition {
  options?: readonly BackendOption[];
  usualPrompt: string;
  /** The request's `input` where no workflow is given. */
  input(prompt: string, model: string | undefined): object;
}

/** A backend on ComfyUI: its answer is how a job goes, and the files it makes. */
export function jobBackend({ input, options = [], usualPrompt }: JobDefinition): Backend {
  const inputOf = async ({ model, prompt = usualPrompt, workflow }: Options): Promise<object> =>
    // As text: a seed in it may have 64 bits.
    workflow === undefined ? input(prompt, model) : { workflow_json: await readFile(workflow, "utf8") };
  return {
    options: ["mode", "workflow", "output", ...options],
    readyWithinMinutes: 90,
    provide: async (setup) => {
      const { model, prompt, workflow } = setup.options;
      if (workflow !== undefined && (model ?? prompt) !== undefined) {
        throw new Error("--workflow says all there is to say: leave out --prompt and --model");
      }
      return provideComfyui(setup, { input: await inputOf(setup.options) });
    },
    ask: async (client, given) => {
      const { output = "output", prompt = usualPrompt, workflow } = given;
      console.log(`\n> ${workflow ?? prompt}`);
      const result = await runJob(client, { input: await inputOf(given), view: createProgressView(process.stdout) });
      if (result === undefined) {
        return false;
      }
      await saveOutputs(client, { result, folder: resolve(output) });
      return true;
    },
  };
}
