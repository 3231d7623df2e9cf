import { afterEach, expect, test } from "@jest/globals";
import { type ComfyuiServer, until } from "@pyworker/testing";
import { cancelPrompt } from "./cancel-prompt.ts";
import { cleanUp, imageWorkflow, run, slowWorkflow, start } from "./comfy.test.fixture.ts";

afterEach(cleanUp);

const statesOf = ({ jobs }: ComfyuiServer) => jobs.map(({ state }) => state);

test.each([
  ["of 2025", { newest: false }],
  ["of 2026", { newest: true }],
])("takes out one that runs, and rejects with the signal's reason: a ComfyUI %s", async (_name, options) => {
  const comfyui = await start({ ...options, msPerStep: 10 });
  const running = run(comfyui, slowWorkflow(10_000));
  await until(() => running.progress.some(({ kind }) => kind === "step"));
  running.abort(new Error("the client has left"));
  await expect(running.finished).rejects.toThrow("the client has left");
  expect(statesOf(comfyui.server)).toEqual(["interrupted"]);
});

test("takes out one that waits", async () => {
  const comfyui = await start({ msPerStep: 10 });
  const ahead = run(comfyui, slowWorkflow(50));
  await until(() => ahead.progress.some(({ kind }) => kind === "step"));
  const waiting = run(comfyui, imageWorkflow());
  await until(() => waiting.progress.length > 0);
  waiting.abort();
  await expect(waiting.finished).rejects.toThrow();
  await ahead.finished;
  expect(statesOf(comfyui.server)).toEqual(["success", "deleted"]);
});

test.each([
  ["waits", "reads whom to interrupt", { position: 5, faults: {} }],
  ["waits", "interrupts whatever runs", { position: 5, faults: { legacyInterrupt: true } }],
  ["runs", "reads whom to interrupt", { position: 0, faults: {} }],
  ["runs", "interrupts whatever runs", { position: 0, faults: { legacyInterrupt: true } }],
])("takes out one of ten that %s, and no other, where ComfyUI %s", async (_name, _kind, { faults, position }) => {
  const comfyui = await start({ msPerStep: 10, faults });
  const first = run(comfyui, slowWorkflow(40));
  await until(() => first.progress.some(({ kind }) => kind === "step"));
  const all = [first, ...Array.from({ length: 9 }, () => run(comfyui, slowWorkflow(5)))];
  await until(() => all.every(({ progress }) => progress.length > 0));
  all[position]?.abort();
  const outcomes = await Promise.allSettled(all.map(({ finished }) => finished));
  expect(outcomes.map(({ status }) => status)).toEqual(
    all.map((_, index) => (index === position ? "rejected" : "fulfilled")),
  );
});

test("takes nothing out when it is aborted before it starts", async () => {
  const comfyui = await start();
  await expect(
    run(comfyui, imageWorkflow(), { signal: AbortSignal.abort(new Error("too late")) }).finished,
  ).rejects.toThrow("too late");
  expect(comfyui.server.requests).toEqual([]);
});

test("takes out one whose client leaves while it is being sent", async () => {
  const comfyui = await start({ msPerStep: 10 });
  const running = run(comfyui, slowWorkflow(10_000));
  await until(() => comfyui.server.requests.some(({ path }) => path === "/prompt"));
  running.abort(new Error("the client has left"));
  await expect(running.finished).rejects.toThrow("the client has left");
  expect(statesOf(comfyui.server)).not.toContain("running");
  expect(statesOf(comfyui.server)).not.toContain("pending");
});

test("gives up on one that doesn't notice", async () => {
  const comfyui = await start({ msPerStep: 10, faults: { deafToInterrupt: true } });
  const running = run(comfyui, slowWorkflow(10_000), { limits: { cancel: 50 } });
  await until(() => running.progress.some(({ kind }) => kind === "step"));
  const promptId = comfyui.server.jobs[0]?.promptId ?? "";
  expect(await cancelPrompt(comfyui.comfy, promptId, { limit: 50 })).toBe(false);
  comfyui.server.faults.set({});
  expect(await cancelPrompt(comfyui.comfy, promptId)).toBe(true);
  await expect(running.finished).rejects.toThrow("interrupted");
});

test("finds nothing to do for one that ComfyUI doesn't know", async () => {
  const comfyui = await start();
  expect(await cancelPrompt(comfyui.comfy, "nobody's")).toBe(true);
});
