import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "@jest/globals";
import { comfyuiLogLines, until } from "@pyworker/testing";
import { createCleanUps } from "../harness/clean-up.ts";
import { generate } from "../harness/comfyui/job-client.ts";
import { type ComfyuiUnderTest, startComfyuiWorker } from "../harness/comfyui/start-comfyui-worker.ts";
import { standInSlow, type Workflow } from "../harness/comfyui/workflows.ts";
import { verifies } from "../harness/verifies.ts";
import { isIn, statusAfter } from "../harness/wait-for.ts";

const cleanUp = createCleanUps();

/** A ComfyUI whose log the worker reads. */
async function start(): Promise<ComfyuiUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), "pyworker-e2e-"));
  cleanUp(() => rm(folder, { recursive: true, force: true }));
  const logFile = join(folder, "comfyui.log");
  await writeFile(logFile, "");
  const under = await startComfyuiWorker({
    mode: "direct",
    standInOnly: true,
    comfyui: { logFile },
    env: { MODEL_LOG: logFile },
  });
  cleanUp(() => under.stop());
  return under;
}

const picture = (color: number, more: Record<string, unknown> = {}): Workflow => ({
  "1": { class_type: "EmptyImage", inputs: { width: 32, height: 32, batch_size: 1, color } },
  "2": { class_type: "SaveImage", inputs: { images: ["1", 0], filename_prefix: "log", ...more } },
});

const fatal = [
  ["a dead prompt worker", "Exception in thread Thread-3 (prompt_worker):", /prompt_worker/],
  ["a script that failed", "[ERROR] Provisioning Script failed", /Provisioning Script failed/],
  [
    "a GPU that is of no use",
    "torch.AcceleratorError: CUDA error: an illegal memory access was encountered",
    /CUDA error: an illegal memory access was encountered/,
  ],
  // As newer versions write them, even into a file.
  [
    "the same in colour",
    "\u001b[1m\u001b[31m[ERROR]\u001b[0m RuntimeError: CUDA error: device-side assert triggered",
    /CUDA error: device-side assert triggered/,
  ],
] as const;

verifies(
  ["comfyui/log"],
  "lines that tell of ComfyUI's end take the worker out, and a new start brings it back",
  async () => {
    const { comfyui, worker } = await start();
    for (const [name, line, message] of fatal) {
      const status = await statusAfter(
        worker.engine,
        () => comfyui.log(line),
        ({ error_msg }) => error_msg !== "",
      );
      expect([name, status.error_msg]).toEqual([name, expect.stringMatching(message)]);
      expect([name, await isIn(worker, "errored")]).toEqual([name, true]);
      await statusAfter(
        worker.engine,
        async () => {
          await comfyui.kill();
          await comfyui.restart();
        },
        ({ error_msg, max_perf }) => error_msg === "" && Number(max_perf) > 0,
      );
    }
    expect(await generate(worker, picture(1))).toMatchObject({ status: 200 });
  },
);

verifies(["comfyui/log"], "a prompt worker that dies of a job takes the worker out, and says so", async () => {
  const { comfyui, worker } = await start();
  comfyui.faults.set({ deadWorker: true });
  const job = generate(worker, picture(1));
  const status = await worker.engine.status(({ error_msg }) => error_msg !== "");
  expect(status.error_msg).toMatch(/\(prompt_worker\)/);
  expect(await isIn(worker, "errored")).toBe(true);
  comfyui.faults.set({});
  await comfyui.kill();
  await comfyui.restart();
  expect(await job).toMatchObject({ status: 502, body: { error: { type: "lost" } } });
  await until(() => isIn(worker, "ready"));
  expect(await generate(worker, picture(2))).toMatchObject({ status: 200 });
});

verifies(["comfyui/log"], "what is a job's own failure in ComfyUI's log is no failure of the worker", async () => {
  const { comfyui, worker } = await start();
  const invalid: Workflow = {
    "1": { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: "none.safetensors" } },
    "2": { class_type: "SaveImage", inputs: { images: ["1", 0], filename_prefix: "log" } },
  };
  expect((await generate(worker, invalid)).status).toBe(400);
  expect((await generate(worker, standInSlow({ steps: 1, fail: "oom" }))).status).toBe(500);
  expect((await generate(worker, standInSlow({ steps: 1, fail: "error" }))).status).toBe(500);
  await comfyui.log(
    "  - Value not in list: ckpt_name: 'none' not in ['one']",
    ...comfyuiLogLines.exception("torch.OutOfMemoryError", "CUDA out of memory. Tried to allocate 2.00 GiB."),
    ...comfyuiLogLines.outOfMemory(),
    // Only where ComfyUI's health says so too.
    ...comfyuiLogLines.truncatedModel(),
    ...comfyuiLogLines.portInUse(18_188),
  );
  const seen = worker.engine.statuses.length;
  expect(await generate(worker, picture(1))).toMatchObject({ status: 200 });
  await until(() => worker.engine.statuses.length > seen + 1);
  expect(worker.engine.statuses.filter(({ error_msg }) => error_msg !== "")).toEqual([]);
  expect(await isIn(worker, "ready")).toBe(true);
});

verifies(["comfyui/forged-line"], "no text of a request passes for a line of ComfyUI's log", async () => {
  const { comfyui, worker } = await start();
  for (const [, line] of fatal) {
    for (const forged of [
      picture(1, { filename_prefix: `log\n${line}` }),
      picture(1, { [`x\n${line}`]: 1 }),
      { ...picture(1), "3": { class_type: `Nobody\n${line}\n`, inputs: {} } },
    ]) {
      const { body, status } = await generate(worker, forged);
      expect([line, status, body.error?.type]).toEqual([line, 400, "invalid_workflow"]);
      expect(body.message).toMatch(/would be mistaken for one of ComfyUI's log/);
    }
  }
  expect(comfyui.jobs).toEqual([]);
  // Within a line it is only a text.
  const harmless = picture(2, { filename_prefix: `log ${fatal[0][1]}` });
  expect(await generate(worker, harmless)).toMatchObject({ status: 200 });
  expect(worker.engine.statuses.filter(({ error_msg }) => error_msg !== "")).toEqual([]);
});
