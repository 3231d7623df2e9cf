import { afterAll, beforeAll, describe, expect } from "@jest/globals";
import { createCleanUps } from "../harness/clean-up.ts";
import {
  answerOf,
  cancel,
  generate,
  generateLater,
  get,
  inStatus,
  type JobResult,
  resultOf,
  view,
} from "../harness/comfyui/job-client.ts";
import {
  type ComfyuiUnderTest,
  type ComfyuiWorkerSettings,
  modes,
  startComfyuiWorker,
} from "../harness/comfyui/start-comfyui-worker.ts";
import { endless, workflow } from "../harness/comfyui/workflows.ts";
import { verifies } from "../harness/verifies.ts";

const cleanUp = createCleanUps();

async function start(settings: ComfyuiWorkerSettings): Promise<ComfyuiUnderTest> {
  const started = await startComfyuiWorker(settings);
  cleanUp(() => started.stop());
  return started;
}

const milliseconds = expect.any(Number);
const promptIdOf = ({ comfyui_response: response }: JobResult) =>
  Object.keys(response).find((key) => key !== "execution_details") ?? "";

describe.each(modes)("in %s mode", (mode) => {
  const isDirect = mode === "direct";
  let under: ComfyuiUnderTest;

  beforeAll(async () => {
    under = await startComfyuiWorker({ mode });
  });
  afterAll(() => under.stop());

  verifies(["comfyui/sync"], "a job is answered when it is done, and its file can be fetched", async () => {
    const { body, status } = await generate(under.worker, workflow("image"), { request_id: `sync-${mode}` });
    expect(status).toBe(200);
    expect(body).toEqual({
      id: `sync-${mode}`,
      message: "Processing complete.",
      status: "completed",
      comfyui_response: {},
      output: [
        {
          filename: expect.stringMatching(/^scenario_\d+_?\.png$/),
          local_path: expect.stringMatching(/^\/workspace\/ComfyUI\/output\/(sync-wrapper\/)?scenario_\d+_?\.png$/),
          type: "output",
          subfolder: "",
          node_id: "2",
          output_type: "images",
          // The API wrapper says this only of what it sends as base64.
          ...(isDirect ? { mimetype: "image/png" } : {}),
        },
      ],
      timings: {
        queued_at_ms: milliseconds,
        preprocess_ms: milliseconds,
        generation_ms: milliseconds,
        postprocess_ms: milliseconds,
        completed_at_ms: milliseconds,
        total_ms: milliseconds,
      },
    });
    const { completed_at_ms = 0, generation_ms = 0, queued_at_ms = 0, total_ms = 0 } = body.timings;
    expect(Math.abs(Date.now() - completed_at_ms)).toBeLessThan(5000);
    expect(completed_at_ms - queued_at_ms).toBeLessThanOrEqual(total_ms + 5);
    expect(generation_ms).toBeLessThanOrEqual(total_ms);
    const [file] = body.output;
    const fetched = file && (await get(under.worker, view(file)));
    expect(fetched?.status).toBe(200);
    expect(fetched?.headers.get("content-type")).toBe("image/png");
  });

  verifies(["comfyui/execution-error"], "a node that fails is named, with what it said", async () => {
    const { body, status } = await generate(under.worker, workflow("failing"));
    expect(status).toBe(500);
    expect(body).toMatchObject({
      status: "failed",
      output: [],
      message: expect.stringMatching(/^Generation failed: /),
    });
    if (isDirect) {
      expect(body.error).toEqual({
        type: "execution_error",
        message: expect.stringMatching(/^node 1 \(SaveImage\): ./),
        node_id: "1",
        node_type: "SaveImage",
        exception_type: expect.stringMatching(/./),
      });
    } else {
      expect(body.message).toMatch(/"node_id":"1".*"exception_message":"./);
    }
  });

  verifies(
    ["comfyui/invalid"],
    "a value that is not allowed is answered with the node and what is allowed",
    async () => {
      const { body, status } = await generate(under.worker, workflow("invalid"));
      expect(body).toMatchObject({ status: "failed", output: [] });
      expect(status).toBe(400);
      expect(body.error).toMatchObject({
        type: "invalid_workflow",
        nodes: [
          {
            node_id: "2",
            class_type: "ImageScale",
            title: "Scale",
            field: "upscale_method",
            type: "value_not_in_list",
            message: 'value not in list: "by-magic"',
            received: "by-magic",
            allowed: expect.arrayContaining(["bilinear", "lanczos"]),
          },
        ],
      });
      expect(body.message).toMatch(/node 2 \(ImageScale\) upscale_method: .*"by-magic".*lanczos/);
    },
  );

  verifies(["comfyui/invalid"], "a class that ComfyUI lacks is named", async () => {
    const unknown = { ...workflow("image"), "7": { class_type: "NoSuchNode", inputs: {}, _meta: { title: "Mine" } } };
    const { body, status } = await generate(under.worker, unknown);
    expect({ status, body }).toMatchObject({ status: 400, body: { status: "failed" } });
    expect(body.message).toMatch(/NoSuchNode/);
    expect(body.error?.nodes).toMatchObject([
      { node_id: "7", class_type: "NoSuchNode", title: "Mine", type: "missing_node_type" },
    ]);
  });

  verifies(["comfyui/invalid"], "a workflow that saves nothing is told so", async () => {
    const { "1": image } = workflow("image");
    const { body, status } = await generate(under.worker, image === undefined ? {} : { "1": image });
    expect({ status, body }).toMatchObject({ status: 400, body: { status: "failed" } });
    expect(body.message).toMatch(isDirect ? /the workflow has no output/ : /ComfyUI refuses the workflow/);
  });

  verifies(["comfyui/response"], "what ComfyUI's history says comes along where it is asked for", async () => {
    const headers = { "x-include-comfyui-response": "true" };
    const { body } = await generate(under.worker, workflow("image"), {}, { headers });
    const promptId = promptIdOf(body);
    expect(body.comfyui_response).toMatchObject({
      [promptId]: { outputs: { "2": { images: [{ type: "output" }] } }, status: { status_str: "success" } },
      execution_details: { prompt_id: promptId, nodes_executed: ["1", "2"], completed: true, error: null },
    });
  });

  verifies(
    ["comfyui/request-id"],
    "an id of the client's own is kept, and is in use until its job has ended",
    async () => {
      const id = `mine-${mode}`;
      await generateLater(under.worker, endless(), { request_id: id });
      for (const route of ["/generate/sync", "/generate/stream", "/generate"]) {
        const again = await under.worker.send(route, { input: { workflow_json: workflow("image"), request_id: id } });
        expect(await answerOf(again)).toMatchObject({
          status: 409,
          body: { id, status: "failed", message: `a job with the request_id ${id} is under way` },
        });
      }
      await inStatus(under.worker, id, "generating");
      await cancel(under.worker, id);
      await inStatus(under.worker, id, "cancelled");
      expect(await generate(under.worker, workflow("image"), { request_id: id })).toMatchObject({
        status: 200,
        body: { id },
      });
      expect(await resultOf(under.worker, id)).toMatchObject({ status: 200, body: { status: "completed" } });
    },
  );
});

describe.each(modes)("with an environment of its own, in %s mode", (mode) => {
  verifies(["comfyui/response"], "what ComfyUI's history says comes along where the worker is told so", async () => {
    const { worker } = await start({ mode, env: { INCLUDE_COMFYUI_RESPONSE: "true" } });
    const { body } = await generate(worker, workflow("image"));
    expect(body.comfyui_response).toMatchObject({ [promptIdOf(body)]: { status: { status_str: "success" } } });
  });
});
