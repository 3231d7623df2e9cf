import type { ConfigurationProblem, Finding } from "@pyworker/core";
import { isReady } from "./comfy/comfy-state.ts";
import type { Servers } from "./servers.ts";
import type { ComfyuiSettings } from "./settings.ts";

interface CheckOptions {
  settings: Pick<ComfyuiSettings, "mode">;
  problems: readonly ConfigurationProblem[];
  signal: AbortSignal;
}

/** Whether what takes the jobs answers. Which of the two that may be is what the mode says. */
export async function checkServers(
  { comfy, wrapper }: Pick<Servers, "comfy" | "wrapper">,
  { problems, settings: { mode }, signal }: CheckOptions,
): Promise<readonly Finding[]> {
  const fault = problems.find(({ name }) => name === "MODE" || name === "COMFYUI_URL");
  if (fault !== undefined) {
    return [{ name: "ComfyUI", outcome: "skipped", found: `${fault.name} is wrong` }];
  }
  const [hasComfy, hasWrapper] = await Promise.all([
    isReady(comfy, signal).catch(() => false),
    mode === "direct" ? false : wrapper.isHealthy(signal),
  ]);
  const comfyFinding = hasComfy
    ? ok("ComfyUI", `${comfy.url}/system_stats`)
    : noComfy(comfy.url, hasWrapper || mode === "wrapper" ? "warning" : "wrong");
  if (mode === "direct") {
    return [comfyFinding];
  }
  return [comfyFinding, hasWrapper ? ok("API wrapper", `${wrapper.url}/health`) : noWrapper(wrapper.url, mode)];
}

const ok = (name: string, url: string): Finding => ({ name, outcome: "ok", found: `${url} answers 200` });

/** Behind a wrapper it is needed for files alone. */
const noComfy = (url: string, outcome: "warning" | "wrong"): Finding => ({
  name: "ComfyUI",
  outcome,
  expected: `200 from ${url}/system_stats`,
  found: "none",
  advice: "start it, or set COMFYUI_URL",
});

const noWrapper = (url: string, mode: "wrapper" | "auto"): Finding =>
  mode === "auto"
    ? { name: "API wrapper", outcome: "skipped", found: `none at ${url}, so jobs would go to ComfyUI itself` }
    : {
        name: "API wrapper",
        outcome: "wrong",
        expected: `a healthy one at ${url}/health`,
        found: "none",
        advice: "start it, or set MODEL_SERVER_URL, or MODE to direct",
      };
