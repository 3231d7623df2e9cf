import { afterEach, expect, test } from "@jest/globals";
import { cleanUp, start } from "./comfy.test.fixture.ts";
import { isReady } from "./comfy-state.ts";

afterEach(cleanUp);

test("is ready while ComfyUI answers", async () => {
  const { comfy, server } = await start();
  expect(await isReady(comfy)).toBe(true);
  server.faults.set({ healthStatus: 500 });
  expect(await isReady(comfy)).toBe(false);
  server.faults.set({});
  await server.kill();
  expect(await isReady(comfy)).toBe(false);
});

test("rejects when it is called off", async () => {
  const { comfy } = await start();
  await expect(isReady(comfy, AbortSignal.abort(new Error("stop")))).rejects.toThrow("stop");
});
