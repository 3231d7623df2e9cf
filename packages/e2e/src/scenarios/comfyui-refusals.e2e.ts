import { afterAll, beforeAll, describe, expect } from "@jest/globals";
import { createCleanUps } from "../harness/clean-up.ts";
import { answerOf, cancel, generate, generateLater, inStatus } from "../harness/comfyui/job-client.ts";
import { type ComfyuiUnderTest, modes, startComfyuiWorker } from "../harness/comfyui/start-comfyui-worker.ts";
import { endless, workflow } from "../harness/comfyui/workflows.ts";
import { verifies } from "../harness/verifies.ts";

const cleanUp = createCleanUps();

describe.each(modes)("in %s mode", (mode) => {
  let under: ComfyuiUnderTest;

  beforeAll(async () => {
    under = await startComfyuiWorker({ mode });
  });
  afterAll(() => under.stop());

  verifies(["comfyui/refused"], "what is no request for a job is refused, with what to do", async () => {
    const editor = { nodes: [{ id: 1, type: "SaveImage" }], links: [], last_node_id: 1 };
    const image = workflow("image");
    const refusals = [
      [{ workflow_json: editor }, "payload.input.workflow_json", /editor's format.*Export \(API\)/],
      [{}, "payload.input", /nothing to do: give one of workflow_json, modifier/],
      [{ workflow_json: {}, modifier: "" }, "payload.input", /nothing to do/],
      [{ workflow_json: image, modifier: "Text2Image" }, "payload.input", /exclude each other/],
      [{ workflow_json: image, modifications: { seed: 1 } }, "payload.input.modifications", /only a modifier/],
      [{ workflow_json: { "1": {} } }, "payload.input.workflow_json.1", /node 1: class_type is missing/],
    ] as const;
    for (const route of ["/generate/sync", "/generate/stream", "/generate"]) {
      for (const [input, path, message] of refusals) {
        const { body, status } = await answerOf(await under.worker.send(route, { input }));
        const problems = Object.entries(body).flatMap(([name, found]) => flatten(name, found));
        expect({ route, status, problems }).toEqual({ route, status: 422, problems: [[path, expect.any(String)]] });
        expect(problems[0]?.[1]).toMatch(message);
      }
    }
  });

  verifies(["comfyui/dangling-link"], "a link to a node that is not there never reaches ComfyUI", async () => {
    const stray = workflow("image");
    const { "2": save } = stray;
    if (save === undefined) {
      throw new Error("the workflow has no node 2");
    }
    // ComfyUI doesn't look at inputs that a class doesn't declare, and dies of this one.
    const inputs = { ...save.inputs, undeclared: ["99", 0] };
    for (const input of [
      { workflow_json: { ...stray, "2": { ...save, inputs } } },
      { workflow_json: stray, overrides: { "2": { undeclared: ["99", 0] } } },
    ]) {
      const response = await under.worker.send("/generate/sync", { input });
      const text = await response.text();
      expect({ status: response.status, text }).toEqual({
        status: 422,
        text: expect.stringMatching(/node 2 \(SaveImage\) undeclared: a link leads to node 99,/),
      });
    }
    expect(await generate(under.worker, workflow("image"))).toMatchObject({ status: 200 });
  });

  verifies(["comfyui/capacity"], "no more jobs are taken than the worker may have under way", async () => {
    const { stop, worker } = await startComfyuiWorker({ mode, env: { MAX_QUEUE_SIZE: "1" } });
    cleanUp(stop);
    const id = await generateLater(worker, endless());
    for (const route of ["/generate/sync", "/generate/stream", "/generate"]) {
      const refused = await worker.send(route, { input: { workflow_json: workflow("image") } });
      expect(refused.headers.get("retry-after")).toBe("5");
      expect(await answerOf(refused)).toMatchObject({
        status: 503,
        body: { status: "failed", message: "Worker at capacity (1 in flight); retry shortly", output: [] },
      });
    }
    await inStatus(worker, id, "generating");
    await cancel(worker, id);
    await inStatus(worker, id, "cancelled");
    expect((await generate(worker, workflow("image"))).status).toBe(200);
  });
});

verifies(["comfyui/cycle"], "a cycle is an error, though ComfyUI takes it for a success", async () => {
  const { stop, worker } = await startComfyuiWorker({ mode: "direct" });
  cleanUp(stop);
  const { "1": image, "2": save } = workflow("image");
  if (image === undefined || save === undefined) {
    throw new Error("the workflow has other nodes");
  }
  // ComfyUI doesn't look for cycles that lead through an input which a class doesn't declare.
  const cyclic = { "1": { ...image, inputs: { ...image.inputs, undeclared: ["2", 0] } }, "2": save };
  expect(await generate(worker, cyclic)).toMatchObject({
    status: 500,
    body: { error: { type: "execution_error", message: expect.stringContaining("Dependency cycle detected") } },
  });
  expect(await generate(worker, workflow("image"))).toMatchObject({ status: 200 });
});

/** Problems by where they are: they may come nested. */
function flatten(name: string, found: unknown): [string, unknown][] {
  return typeof found === "object" && found !== null
    ? Object.entries(found).map(([path, message]) => [`${name}.${path}`, message])
    : [[name, found]];
}
