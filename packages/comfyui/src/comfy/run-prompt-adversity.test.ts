import { afterEach, expect, test } from "@jest/globals";
import { until } from "@pyworker/testing";
import { cleanUp, faultOf, imageWorkflow, run, slowWorkflow, start } from "./comfy.test.fixture.ts";

afterEach(cleanUp);

test("finishes without a socket", async () => {
  const comfyui = await start({ faults: { socket: "refused" } });
  const { executedNodes, outputs } = await run(comfyui, imageWorkflow()).finished;
  expect(Object.keys(outputs)).toEqual(["2"]);
  expect(executedNodes).toEqual(["2"]);
});

test("finishes where the socket never says anything", async () => {
  const comfyui = await start({ faults: { socket: "silent" } });
  const { finished } = run(comfyui, imageWorkflow(), { limits: { greeting: 50 } });
  expect((await finished).outputs).toHaveProperty("2");
});

test("opens a socket anew that has dropped, once the old one has closed, and goes on telling of steps", async () => {
  const comfyui = await start({ msPerStep: 20, faults: { dropSocketAfterEvents: 8, reconnectRace: true } });
  const running = run(comfyui, slowWorkflow(40));
  await running.finished;
  const steps = running.progress.filter((report) => report.kind === "step");
  expect(steps.length).toBeGreaterThan(5);
  expect(steps.at(-1)).toMatchObject({ value: 40 });
});

test("waits for a history that is late", async () => {
  const comfyui = await start({ faults: { historyDelayMs: 200 } });
  expect((await run(comfyui, imageWorkflow()).finished).outputs).toHaveProperty("2");
});

test("is lost when ComfyUI restarts in the middle", async () => {
  const comfyui = await start({ msPerStep: 20 });
  const running = run(comfyui, slowWorkflow(1000));
  await until(() => running.progress.some(({ kind }) => kind === "step"));
  await comfyui.server.kill();
  await comfyui.server.restart();
  expect(await faultOf(running)).toMatchObject({ type: "lost" });
});

test("fails when ComfyUI dies and stays dead", async () => {
  const comfyui = await start({ msPerStep: 20 });
  const running = run(comfyui, slowWorkflow(1000), { limits: { unreachable: 150 } });
  await until(() => running.progress.some(({ kind }) => kind === "step"));
  await comfyui.server.kill();
  expect(await faultOf(running)).toMatchObject({ type: "comfyui_unreachable" });
});

test("survives that ComfyUI doesn't answer for a while", async () => {
  const comfyui = await start({ msPerStep: 20 });
  const running = run(comfyui, slowWorkflow(20), { limits: { unreachable: 10_000 } });
  await until(() => running.progress.some(({ kind }) => kind === "step"));
  comfyui.server.faults.set({ status: 500 });
  const seen = comfyui.server.requests.length;
  await until(() => comfyui.server.requests.length > seen + 2);
  comfyui.server.faults.set({});
  expect((await running.finished).outputs).toHaveProperty("2");
});

test("says that the prompt worker is dead, and takes its prompt out of the queue", async () => {
  const comfyui = await start({ faults: { deadWorker: true } });
  expect(await faultOf(run(comfyui, imageWorkflow(), { limits: { idle: 100 } }))).toMatchObject({
    type: "prompt_worker_dead",
  });
  expect(comfyui.server.jobs).toMatchObject([{ state: "deleted" }]);
});

test("doesn't take a prompt worker for dead that is busy with another prompt", async () => {
  const comfyui = await start({ msPerStep: 20 });
  const ahead = run(comfyui, slowWorkflow(20));
  const waiting = run(comfyui, imageWorkflow(), { limits: { idle: 60 } });
  await ahead.finished;
  expect((await waiting.finished).outputs).toHaveProperty("2");
});

test("tries again where ComfyUI fails to take it, and runs it once", async () => {
  const comfyui = await start({ faults: { promptFailures: 2, promptStatus: 503 } });
  await run(comfyui, imageWorkflow()).finished;
  expect(comfyui.server.jobs).toHaveLength(1);
});

test("gives up where ComfyUI keeps failing to take it", async () => {
  const comfyui = await start({ faults: { promptFailures: 100 } });
  expect(await faultOf(run(comfyui, imageWorkflow()))).toMatchObject({
    type: "comfyui_unreachable",
    message: expect.stringContaining("500"),
  });
});

test("fails where there is no ComfyUI", async () => {
  const comfyui = await start();
  await comfyui.server.kill();
  expect(await faultOf(run(comfyui, imageWorkflow()))).toMatchObject({ type: "comfyui_unreachable" });
});
