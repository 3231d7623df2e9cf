import { expect } from "@jest/globals";
import { until } from "@pyworker/testing";
import { createCleanUps } from "../harness/clean-up.ts";
import { answerOf, cancel, get, inStatus, resultOf } from "../harness/comfyui/job-client.ts";
import {
  type ComfyuiUnderTest,
  type ComfyuiWorkerSettings,
  startComfyuiWorker,
} from "../harness/comfyui/start-comfyui-worker.ts";
import { standInSlow, type Workflow, workflow } from "../harness/comfyui/workflows.ts";
import { verifies } from "../harness/verifies.ts";

const cleanUp = createCleanUps();

async function start(settings: Pick<ComfyuiWorkerSettings, "wrapper"> = {}): Promise<ComfyuiUnderTest> {
  const started = await startComfyuiWorker({ mode: "wrapper", standInOnly: true, ...settings });
  cleanUp(() => started.stop());
  return started;
}

verifies(["comfyui/wrapper-answers"], "status and body are the wrapper's, byte for byte", async () => {
  const { worker, wrapper } = await start();
  const jobs: [string, Workflow | undefined, number][] = [
    ["completed", workflow("image"), 200],
    ["failed", workflow("failing"), 500],
    ["unknown-modifier", undefined, 500],
  ];
  for (const [id, workflow_json, expected] of jobs) {
    const source = workflow_json === undefined ? { modifier: "Text2Song" } : { workflow_json };
    const answer = await worker.send("/generate/sync", { input: { ...source, request_id: id } });
    const text = await answer.text();
    const original = await fetch(`${wrapper?.url}/result/${id}`);
    expect([id, answer.status, text]).toEqual([id, expected, await original.text()]);
    const asked = await get(worker, `/result/${id}`);
    expect([id, asked.status, await asked.text()]).toEqual([id, expected, text]);
  }
});

verifies(["comfyui/wrapper-answers"], "the wrapper's own refusal is passed on", async () => {
  const { worker, wrapper } = await start({ wrapper: { maxQueueSize: 1 } });
  await fetch(`${wrapper?.url}/generate`, {
    method: "POST",
    body: JSON.stringify({ input: { workflow_json: standInSlow({ steps: 2000 }) } }),
  });
  const refused = await worker.send("/generate/sync", { input: { workflow_json: workflow("image") } });
  expect(refused.headers.get("retry-after")).toBe("5");
  expect(await answerOf(refused)).toMatchObject({
    status: 503,
    body: { message: "Worker at capacity (1 in flight); retry shortly" },
  });
});

verifies(["comfyui/wrapper-jobs"], "a job that the wrapper alone knows can be asked about and cancelled", async () => {
  const under = await start();
  const { worker, wrapper } = under;
  const body = JSON.stringify({ input: { workflow_json: standInSlow({ steps: 2000 }), request_id: "theirs" } });
  await fetch(`${wrapper?.url}/generate`, { method: "POST", body });
  await inStatus(worker, "theirs", "generating");
  const cancelled = await cancel(worker, "theirs");
  expect(await cancelled.json()).toEqual({
    message: "Successfully cancelled request theirs",
    status: "cancelled",
  });
  await until(() => under.comfyui.jobs[0]?.state === "interrupted");
  await until(async () => (await resultOf(worker, "theirs")).body.timings.total_ms !== undefined);
  const asked = await get(worker, "/result/theirs");
  const original = await fetch(`${wrapper?.url}/result/theirs`);
  expect([asked.status, await asked.text()]).toEqual([499, await original.text()]);
});
