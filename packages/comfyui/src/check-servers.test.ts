import { afterEach, describe, expect, test } from "@jest/globals";
import { startApiWrapper, startComfyuiServer } from "@pyworker/testing";
import { checkServers } from "./check-servers.ts";
import { createComfyHttp } from "./comfy/comfy-http.ts";
import type { Mode } from "./servers.ts";
import { createWrapperClient } from "./wrapper/wrapper-client.ts";

const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const undo of cleanUps.splice(0).reverse()) {
    await undo();
  }
});

const nobodysUrl = "http://127.0.0.1:9";

interface Settings {
  mode: Mode | "auto";
  /** Which of the servers there are. */
  comfy?: boolean;
  wrapper?: boolean;
  problem?: string;
}

/** What is found, as names with outcomes. */
async function check({ comfy: hasComfy = false, mode, problem, wrapper: hasWrapper = false }: Settings) {
  const comfyui = await startComfyuiServer();
  const apiWrapper = await startApiWrapper({ comfyuiUrl: comfyui.url });
  const comfy = createComfyHttp(hasComfy ? comfyui.url : nobodysUrl);
  const wrapper = createWrapperClient(hasWrapper ? apiWrapper.url : nobodysUrl);
  cleanUps.push(comfyui.stop, apiWrapper.stop, comfy.stop, wrapper.stop);
  return checkServers(
    { comfy, wrapper },
    {
      settings: { mode },
      problems: problem === undefined ? [] : [{ name: problem, expected: "another", found: "this" }],
      signal: AbortSignal.timeout(10_000),
    },
  );
}

const outcomes = async (settings: Settings) =>
  Object.fromEntries((await check(settings)).map(({ name, outcome }) => [name, outcome]));

describe("in direct mode", () => {
  test("ComfyUI has to answer, and no wrapper is looked for", async () => {
    expect(await outcomes({ mode: "direct", comfy: true })).toEqual({ ComfyUI: "ok" });
    expect(await check({ mode: "direct", wrapper: true })).toMatchObject([
      { name: "ComfyUI", outcome: "wrong", expected: `200 from ${nobodysUrl}/system_stats` },
    ]);
  });
});

describe("in wrapper mode", () => {
  test("the wrapper has to answer; without ComfyUI itself files alone are missing", async () => {
    expect(await outcomes({ mode: "wrapper", comfy: true, wrapper: true })).toEqual({
      ComfyUI: "ok",
      "API wrapper": "ok",
    });
    expect(await outcomes({ mode: "wrapper", wrapper: true })).toEqual({ ComfyUI: "warning", "API wrapper": "ok" });
    expect(await outcomes({ mode: "wrapper", comfy: true })).toEqual({ ComfyUI: "ok", "API wrapper": "wrong" });
  });
});

describe("in auto mode", () => {
  test("one of the two has to answer", async () => {
    expect(await outcomes({ mode: "auto", comfy: true })).toEqual({ ComfyUI: "ok", "API wrapper": "skipped" });
    expect(await outcomes({ mode: "auto", wrapper: true })).toEqual({ ComfyUI: "warning", "API wrapper": "ok" });
    expect(await outcomes({ mode: "auto" })).toEqual({ ComfyUI: "wrong", "API wrapper": "skipped" });
  });
});

test.each(["MODE", "COMFYUI_URL"])("a %s that is wrong leaves nothing to look at", async (problem) => {
  expect(await check({ mode: "auto", problem })).toEqual([
    { name: "ComfyUI", outcome: "skipped", found: `${problem} is wrong` },
  ]);
});
