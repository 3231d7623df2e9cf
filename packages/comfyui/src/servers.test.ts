import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, describe, expect, test } from "@jest/globals";
import { type ApiWrapper, type ComfyuiServer, startApiWrapper, startComfyuiServer, until } from "@pyworker/testing";
import { type ComfyHttp, createComfyHttp } from "./comfy/comfy-http.ts";
import { createServers, type Mode } from "./servers.ts";
import { createWrapperClient } from "./wrapper/wrapper-client.ts";

const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const undo of cleanUps.splice(0).reverse()) {
    await undo();
  }
});

interface Settings {
  mode: Mode | "auto";
  /** Milliseconds. */
  patience?: number;
}

/** A ComfyUI and its wrapper, both alive, and a worker's view of them. */
async function start({ mode, patience = 50 }: Settings) {
  const comfyui: ComfyuiServer = await startComfyuiServer();
  const wrapper: ApiWrapper = await startApiWrapper({ comfyuiUrl: comfyui.url, pollMs: 5 });
  const comfy = createComfyHttp(comfyui.url);
  let asks = 0;
  const counted: ComfyHttp = {
    ...comfy,
    get: (...question) => {
      asks += 1;
      return comfy.get(...question);
    },
  };
  const client = createWrapperClient(wrapper.url);
  const stopping = new AbortController();
  cleanUps.push(comfyui.stop, wrapper.stop, comfy.stop, client.stop);
  const servers = createServers({
    ...{ mode, comfy: counted, wrapper: client },
    ...{ pollMilliseconds: 5, patienceMilliseconds: patience },
  });
  let loads = 0;
  const watch = () => {
    const loaded = () => {
      loads += 1;
    };
    const watching = servers.watch({ loaded }, stopping.signal);
    watching.catch(() => undefined);
    cleanUps.push(async () => stopping.abort());
    return watching;
  };
  /** Waits until ComfyUI has been asked a few times whether it is there. */
  const asked = () => until(() => asks >= 3);
  return { comfyui, wrapper, servers, stopping, watch, asked, loads: () => loads };
}

/** What it is by now. */
const settled = (mode: Promise<Mode>): Promise<Mode | "open"> => Promise.race([mode, nextTurn("open" as const)]);

describe("a mode that is given", () => {
  test.each<Mode>(["direct", "wrapper"])("is %s from the start, whatever answers", async (mode) => {
    const { comfyui, servers, wrapper } = await start({ mode });
    await Promise.all([comfyui.kill(), wrapper.kill()]);
    expect(await settled(servers.mode())).toBe(mode);
    expect(servers.healthUrl).toBe(mode === "direct" ? `${comfyui.url}/system_stats` : `${wrapper.url}/health`);
  });

  test("of direct is loaded once ComfyUI answers, and asks no wrapper", async () => {
    const { asked, comfyui, loads, watch, wrapper } = await start({ mode: "direct" });
    comfyui.faults.set({ healthStatus: 500 });
    const watching = watch();
    await asked();
    expect(loads()).toBe(0);
    comfyui.faults.set({});
    await watching;
    expect([loads(), wrapper.probes]).toEqual([1, []]);
  });

  test("of wrapper waits for the wrapper, though ComfyUI has long answered", async () => {
    const { asked, loads, watch, wrapper } = await start({ mode: "wrapper", patience: 0 });
    await wrapper.kill();
    const watching = watch();
    await asked();
    expect(loads()).toBe(0);
    await wrapper.restart();
    await watching;
    expect(loads()).toBe(1);
  });
});

describe("a mode that is found", () => {
  test("is the wrapper's where that is healthy", async () => {
    const { loads, servers, watch, wrapper } = await start({ mode: "auto", patience: 10_000 });
    await watch();
    expect([await servers.mode(), servers.healthUrl, loads()]).toEqual(["wrapper", `${wrapper.url}/health`, 1]);
  });

  test("is direct where ComfyUI has answered for a while and no wrapper has", async () => {
    const { comfyui, loads, servers, watch, wrapper } = await start({ mode: "auto" });
    await wrapper.kill();
    await watch();
    expect([await servers.mode(), servers.healthUrl, loads()]).toEqual(["direct", `${comfyui.url}/system_stats`, 1]);
  });

  test("is open while neither answers, and who asks waits for it", async () => {
    const { asked, comfyui, servers, watch, wrapper } = await start({ mode: "auto", patience: 0 });
    await wrapper.kill();
    comfyui.faults.set({ healthStatus: 500 });
    const watching = watch();
    const mode = servers.mode();
    await asked();
    expect(await settled(mode)).toBe("open");
    comfyui.faults.set({});
    await watching;
    expect(await mode).toBe("direct");
  });

  test("gives a wrapper its time that comes after ComfyUI", async () => {
    const { asked, servers, watch, wrapper } = await start({ mode: "auto", patience: 60_000 });
    await wrapper.kill();
    const watching = watch();
    await asked();
    expect(await settled(servers.mode())).toBe("open");
    await wrapper.restart();
    await watching;
    expect(await servers.mode()).toBe("wrapper");
  });
});

test("watching ends when it is called off", async () => {
  const { comfyui, loads, stopping, watch, wrapper } = await start({ mode: "auto" });
  await Promise.all([comfyui.kill(), wrapper.kill()]);
  const watching = watch();
  stopping.abort(new Error("called off"));
  await watching.catch(() => undefined);
  expect(loads()).toBe(0);
});
