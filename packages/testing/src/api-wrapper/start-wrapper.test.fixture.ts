import { post } from "../server/start-server.test.fixture.ts";
import { until } from "../until.ts";
import { type ApiWrapper, type ApiWrapperOptions, startApiWrapper } from "./api-wrapper.ts";
import { type ObedientComfyui, startObedientComfyui } from "./obedient-comfyui.ts";

const cleanUps: (() => Promise<unknown>)[] = [];

/** Stops what the function below has started, last first. */
export async function stopAll(): Promise<void> {
  for (const undo of cleanUps.splice(0).reverse()) {
    await undo();
  }
}

/** A wrapper with a ComfyUI behind it. */
export async function startBoth(
  options: Partial<ApiWrapperOptions> = {},
): Promise<{ comfyui: ObedientComfyui; wrapper: ApiWrapper }> {
  const comfyui = await startObedientComfyui();
  cleanUps.push(() => comfyui.stop());
  const wrapper = await startApiWrapper({ comfyuiUrl: comfyui.url, pollMs: 5, ...options });
  cleanUps.push(() => wrapper.stop());
  return { comfyui, wrapper };
}

export const workflow = { "9": { class_type: "SaveImage", inputs: { filename_prefix: "image" } } };

export const generate = (wrapper: ApiWrapper, input: object, route = "/generate/sync"): Promise<Response> =>
  post(wrapper, route, { input: { workflow_json: workflow, ...input } });

/** The id of the prompt that ComfyUI has taken as its nth. */
export const promptTaken = ({ prompts }: ObedientComfyui, count = 1): Promise<string> =>
  until(() => [...prompts.keys()][count - 1], { what: () => `prompt ${count}` });

/** Runs a job to its good end. */
export async function complete(
  both: { comfyui: ObedientComfyui; wrapper: ApiWrapper },
  input: object,
): Promise<Response> {
  const answer = generate(both.wrapper, input);
  both.comfyui.finish(await promptTaken(both.comfyui));
  return answer;
}

export const read = async (url: string): Promise<{ [field: string]: unknown }> =>
  JSON.parse(await (await fetch(url)).text());
