import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, test } from "@jest/globals";
import { freePort } from "../server/free-ports.ts";
import { listenOn } from "../server/listen-on.ts";
import { cleanUp, eventsOf, logFile, post } from "../server/start-server.test.fixture.ts";
import { until } from "../until.ts";
import { picture, savedImage, startObedientComfyui } from "./obedient-comfyui.ts";
import { complete, generate, promptTaken, read, startBoth, stopAll, workflow } from "./start-wrapper.test.fixture.ts";

afterEach(async () => {
  await stopAll();
  await cleanUp();
});

const output = {
  filename: "image_00001_.png",
  local_path: "/workspace/ComfyUI/output/mine/image_00001_.png",
  type: "output",
  subfolder: "",
  node_id: "9",
  output_type: "images",
};

describe("a job", () => {
  test("runs on ComfyUI and is answered with its result", async () => {
    const { comfyui, wrapper } = await startBoth();
    const answer = await complete({ comfyui, wrapper }, { request_id: "mine" });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      id: "mine",
      message: "Processing complete.",
      status: "completed",
      comfyui_response: {},
      output: [output],
      timings: {
        queued_at_ms: expect.any(Number),
        preprocess_ms: expect.any(Number),
        generation_ms: expect.any(Number),
        postprocess_ms: expect.any(Number),
        completed_at_ms: expect.any(Number),
        total_ms: expect.any(Number),
      },
    });
    expect(wrapper.jobs).toMatchObject([{ id: "mine", state: "completed", payload: { workflow_json: workflow } }]);
    expect(JSON.parse(comfyui.prompts.get("prompt-1") ?? "")).toMatchObject({ prompt: workflow });
  });

  test("brings its files where that is asked for, and ComfyUI's answer", async () => {
    const { comfyui, wrapper } = await startBoth();
    const body = JSON.stringify({ input: { workflow_json: workflow, request_id: "mine" } });
    const headers = { "x-return-outputs-as-base64": "on", "x-include-comfyui-response": "1" };
    const answering = fetch(`${wrapper.url}/generate/sync`, { method: "POST", body, headers });
    comfyui.finish(await promptTaken(comfyui));
    expect(await (await answering).json()).toMatchObject({
      comfyui_response: { "prompt-1": { outputs: { 9: savedImage } }, execution_details: { prompt_id: "prompt-1" } },
      output: [{ ...output, data: picture.toString("base64"), mimetype: "image/png" }],
    });
  });

  test("keeps a seed of 64 bits, and draws numbers where that is asked for", async () => {
    const { comfyui, wrapper } = await startBoth();
    const seeded =
      '{"input":{"workflow_json":{"3":{"class_type":"KSampler","inputs":{"seed":18446744073709551615,"noise_seed":"__RANDOM_INT__","text":"a __RANDOM_INT__ b __RANDOM_INT__"}}}}}';
    await post(wrapper, "/generate", seeded);
    const prompt = comfyui.prompts.get(await promptTaken(comfyui)) ?? "";
    expect(prompt).toContain('"seed":18446744073709551615,');
    expect(prompt).toMatch(/"noise_seed":\d+,"text":"a (\d+) b \1"/);
  });

  test.each([
    ["Text2Image", { width: 640, prompt: "a cat" }, { "5": { inputs: { width: 640, height: 512 } } }],
    ["Image2Image", { input_image: "in.png" }, { "10": { class_type: "LoadImage", inputs: { image: "in.png" } } }],
  ])("is built by the modifier %s", async (modifier, modifications, expected) => {
    const { comfyui, wrapper } = await startBoth();
    await generate(wrapper, { workflow_json: {}, modifier, modifications }, "/generate");
    const { prompt } = JSON.parse(comfyui.prompts.get(await promptTaken(comfyui)) ?? "");
    expect(prompt).toMatchObject(expected);
    expect(prompt["3"].inputs).toMatchObject({ steps: 20, scheduler: "normal", seed: expect.any(Number) });
  });

  test("is taken at once where nobody waits, and asked for later", async () => {
    const { comfyui, wrapper } = await startBoth();
    const taken = await generate(wrapper, { request_id: "mine" }, "/generate");
    expect([taken.status, await taken.json()]).toMatchObject([202, { id: "mine", status: "pending" }]);
    const ask = () => read(`${wrapper.url}/result/mine`);
    await until(async () => (await ask()).message === "Generation started (ComfyUI job: prompt-1)");
    expect(await ask()).toMatchObject({ status: "generating" });
    comfyui.finish("prompt-1");
    await until(async () => (await ask()).status === "completed");
  });

  test("waits for the one before it", async () => {
    const { comfyui, wrapper } = await startBoth();
    await generate(wrapper, {}, "/generate");
    await promptTaken(comfyui);
    await generate(wrapper, {}, "/generate");
    const sizes = () => read(`${wrapper.url}/queue-info`);
    await until(async () => (await sizes()).generation_queue_size === 1);
    expect(comfyui.prompts.size).toBe(1);
    comfyui.finish("prompt-1");
    await promptTaken(comfyui, 2);
    expect(await sizes()).toEqual({
      preprocess_queue_size: 0,
      generation_queue_size: 0,
      postprocess_queue_size: 0,
    });
  });

  test("is signed off with a webhook, in one attempt", async () => {
    const heard: { body: string; signature: unknown }[] = [];
    const receiver = createServer(async (request, response) => {
      heard.push({ body: await text(request), signature: request.headers["x-webhook-signature"] });
      response.writeHead(500).end();
    });
    await listenOn(receiver, 0);
    const address = receiver.address();
    const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
    const both = await startBoth();
    const extraParameters = { session_id: "s" };
    await complete(both, { request_id: "mine", webhook: { url, secret: "secret", extra_params: extraParameters } });
    const { body, signature } = await until(() => heard[0]);
    expect(JSON.parse(body)).toMatchObject({
      id: "mine",
      status: "completed",
      output: [output],
      extra: extraParameters,
    });
    expect(signature).toBe(`sha256=${createHmac("sha256", "secret").update(body).digest("hex")}`);
    receiver.close();
    receiver.closeAllConnections();
    expect(heard).toHaveLength(1);
  });
});

describe("a job fails", () => {
  test("with 500 where ComfyUI refuses it", async () => {
    const { comfyui, wrapper } = await startBoth();
    comfyui.refusal = { status: 400, body: { error: {}, node_errors: { "3": { class_type: "KSampler" } } } };
    const answer = await generate(wrapper, {});
    const message = 'Generation failed: ComfyUI node errors: {"3":{"class_type":"KSampler"}}';
    expect([answer.status, await answer.json()]).toMatchObject([500, { status: "failed", message }]);
  });

  test("with 500 where a node fails", async () => {
    const { comfyui, wrapper } = await startBoth();
    const answering = generate(wrapper, {});
    comfyui.finish(await promptTaken(comfyui), { error: { node_id: "3", exception_message: "no" } });
    const answer = await answering;
    const message = 'Generation failed: Execution error: {"node_id":"3","exception_message":"no"}';
    expect([answer.status, await answer.json()]).toMatchObject([500, { status: "failed", message }]);
  });

  test("with 500 where its modifier is unknown", async () => {
    const { wrapper } = await startBoth();
    const answer = await generate(wrapper, { workflow_json: {}, modifier: "Text2Song" });
    const message = "Preprocessing failed: Unknown modifier: Text2Song";
    expect([answer.status, await answer.json()]).toMatchObject([500, { message }]);
  });

  test("with 502 where ComfyUI can't be reached; after three of them it is given up", async () => {
    const file = await logFile();
    const { comfyui, wrapper } = await startBoth({ logFile: file });
    comfyui.refusal = { status: 500, body: {} };
    for (const _ of [1, 2, 3]) {
      const answer = await generate(wrapper, {});
      const message = expect.stringMatching(/^Generation failed: Failed to post workflow after 5 attempts: /);
      expect([answer.status, await answer.json()]).toMatchObject([502, { status: "failed", message }]);
    }
    expect(await readFile(file, "utf8")).toContain(`BACKEND_UNRECOVERABLE: GPU on ${comfyui.url} latched: backend unr`);
    const health = await fetch(`${wrapper.url}/health`);
    expect([health.status, await health.json()]).toMatchObject([503, { gpu: { unrecoverable: true } }]);
  });

  test("for want of memory, and the memory is freed", async () => {
    const { comfyui, wrapper } = await startBoth();
    const answering = generate(wrapper, {});
    comfyui.finish(await promptTaken(comfyui), { error: { exception_message: "CUDA out of memory." } });
    expect((await answering).status).toBe(500);
    expect(comfyui.posts).toEqual([["/free", { unload_models: true, free_memory: true }]]);
    expect((await fetch(`${wrapper.url}/health`)).status).toBe(200);
  });

  test("and takes the GPU with it", async () => {
    const { comfyui, wrapper } = await startBoth();
    const answering = generate(wrapper, {});
    const error = { exception_message: "CUDA error: an illegal memory access was encountered" };
    comfyui.finish(await promptTaken(comfyui), { error });
    expect((await answering).status).toBe(500);
    expect((await fetch(`${wrapper.url}/health`)).status).toBe(503);
  });
});

describe("a job is cancelled", () => {
  test("by its id", async () => {
    const { comfyui, wrapper } = await startBoth();
    const answering = generate(wrapper, { request_id: "mine" });
    const promptId = await promptTaken(comfyui);
    const cancelled = await post(wrapper, "/cancel/mine", {});
    expect(await cancelled.json()).toEqual({ message: "Successfully cancelled request mine", status: "cancelled" });
    const answer = await answering;
    expect([answer.status, await answer.json()]).toMatchObject([499, { status: "cancelled" }]);
    await until(() => comfyui.posts.length === 2);
    expect(comfyui.posts).toEqual([
      ["/queue", { delete: [promptId] }],
      ["/interrupt", { prompt_id: promptId }],
    ]);
    expect((await fetch(`${wrapper.url}/result/mine`)).status).toBe(499);
    const again = await post(wrapper, "/cancel/mine", {});
    expect(await again.json()).toEqual({ message: "Request mine is already cancelled", status: "cancelled" });
  });

  test("by a client that leaves /generate/sync, and by none that leaves /generate/stream", async () => {
    const { comfyui, wrapper } = await startBoth();
    const leave = async (route: string, count: number) => {
      const leaving = new AbortController();
      const body = JSON.stringify({ input: { workflow_json: workflow } });
      const asking = fetch(wrapper.url + route, { method: "POST", body, signal: leaving.signal }).then((answer) =>
        answer.text(),
      );
      await promptTaken(comfyui, count);
      leaving.abort();
      await expect(asking).rejects.toThrow();
      await until(() => wrapper.requests.at(-1)?.abortedAt !== undefined);
    };
    await leave("/generate/sync", 1);
    expect(wrapper.jobs[0]?.state).toBe("cancelled");
    await leave("/generate/stream", 2);
    comfyui.finish("prompt-2");
    await until(() => wrapper.jobs[1]?.state === "completed");
  });

  test("though nobody knows it", async () => {
    const { wrapper } = await startBoth();
    const cancelled = await post(wrapper, "/cancel/nobody", {});
    expect([cancelled.status, await cancelled.json()]).toEqual([404, { error: "Request nobody not found" }]);
    const asked = await fetch(`${wrapper.url}/result/nobody`);
    expect([asked.status, await asked.json()]).toMatchObject([
      404,
      { id: "nobody", status: "failed", message: "Request ID not found" },
    ]);
  });
});

test("a stream tells how a job gets on, and brings its result last", async () => {
  const { comfyui, wrapper } = await startBoth();
  const response = await generate(wrapper, { request_id: "mine" }, "/generate/stream");
  expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  const promptId = await promptTaken(comfyui);
  const messageIs = (message: string) => until(() => wrapper.jobs[0]?.result.message === message);
  await messageIs(`Generation started (ComfyUI job: ${promptId})`);
  comfyui.tell("executing", { node: "3", prompt_id: promptId });
  await messageIs("Processing node: 3");
  comfyui.tell("progress", { value: 99, max: 100, prompt_id: "another" });
  comfyui.tell("progress", { value: 5, max: 20, prompt_id: promptId, node: "3" });
  await messageIs("Progress: 25.0% (5/20)");
  comfyui.finish(promptId);
  const events = eventsOf(await response.text());
  expect(events[0]).toMatchObject({ request_id: "mine", status: "queued", message: "Request queued" });
  expect(events).toContainEqual({
    request_id: "mine",
    status: "completed",
    message: "Processing complete.",
    timestamp: expect.any(String),
    elapsed_time: expect.any(Number),
    queue_info: { preprocess_queue_size: 0, generation_queue_size: 0, postprocess_queue_size: 0 },
    queue_position: { current_queue: "processing", position: 0, queue_size: 0, estimated_wait_time: 0 },
    output_count: 1,
  });
  expect(events.at(-1)).toMatchObject({ status: "final_result", result: { id: "mine", status: "completed" } });
});

describe("a request is refused", () => {
  test.each([
    ["{", ["body", 0]],
    ["{}", ["body", "input"]],
    ['{"input":"x"}', ["body", "input"]],
    ['{"input":{}}', ["body", "input"]],
    ['{"input":{"workflow_json":{},"modifier":""}}', ["body", "input"]],
    ['{"input":{"workflow_json":{"1":{}},"modifier":"Text2Image"}}', ["body", "input"]],
    ['{"input":{"workflow_json":{"1":{}},"modifications":{"seed":1}}}', ["body", "input"]],
    ['{"input":{"workflow_json":[]}}', ["body", "input", "workflow_json"]],
    ['{"input":{"workflow_json":{"1":{}},"request_id":7}}', ["body", "input", "request_id"]],
  ])("with 422: %s", async (body, loc) => {
    const { wrapper } = await startBoth();
    for (const route of ["/generate", "/generate/sync", "/generate/stream"]) {
      const answer = await post(wrapper, route, body);
      expect([answer.status, await answer.json()]).toMatchObject([422, { detail: [{ loc, msg: expect.any(String) }] }]);
    }
    expect(wrapper.jobs).toEqual([]);
  });

  test("not for what is empty, or unknown", async () => {
    const both = await startBoth();
    const answer = await complete(both, { modifier: "", modifications: {}, s3: null, webhook: { url: "" }, other: 1 });
    expect(answer.status).toBe(200);
  });

  test("when too many are in flight", async () => {
    const { comfyui, wrapper } = await startBoth({ maxQueueSize: 1 });
    const first = generate(wrapper, {});
    await promptTaken(comfyui);
    const message = "Worker at capacity (1 in flight); retry shortly";
    const refused = await generate(wrapper, {});
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(await refused.json()).toMatchObject({ status: "failed", message });
    const streamed = await generate(wrapper, {}, "/generate/stream");
    expect([streamed.status, await streamed.json()]).toEqual([503, { detail: message }]);
    comfyui.finish("prompt-1");
    expect((await first).status).toBe(200);
  });
});

describe("its log and health", () => {
  test("say that ComfyUI is there, once it is", async () => {
    const file = await logFile();
    const port = await freePort();
    const { wrapper } = await startBoth({ logFile: file, comfyuiUrl: `http://127.0.0.1:${port}` });
    const health = await fetch(`${wrapper.url}/health`);
    expect([health.status, await health.json()]).toMatchObject([
      503,
      { status: "unhealthy", backends_healthy: "0/1", backends: [{ http_ok: false, healthy: false }] },
    ]);
    expect(await readFile(file, "utf8")).toMatch(/Application startup complete.\n.*Uvicorn running on/);
    expect(await readFile(file, "utf8")).not.toContain("BACKENDS_READY");
    const comfyui = await startObedientComfyui(port);
    await until(async () =>
      (await readFile(file, "utf8")).includes("BACKENDS_READY: 1 backend(s) reachable, ready to serve\n"),
    );
    const healthy = await fetch(`${wrapper.url}/health`);
    expect([healthy.status, await healthy.json()]).toMatchObject([200, { status: "healthy", backends_healthy: "1/1" }]);
    await comfyui.stop();
  });

  test("say that it does not come", async () => {
    const file = await logFile();
    await startBoth({ logFile: file, comfyuiUrl: `http://127.0.0.1:${await freePort()}`, readyTimeoutMs: 1 });
    await until(async () => (await readFile(file, "utf8")).includes("BACKENDS_READY_TIMEOUT: "));
  });

  test("of an old one say nothing of that, and its results tell all", async () => {
    const file = await logFile();
    const both = await startBoth({ old: true, logFile: file });
    const answer = await complete(both, {});
    expect(await answer.json()).toMatchObject({ comfyui_response: { "prompt-1": {} }, timings: {} });
    expect(await readFile(file, "utf8")).not.toContain("BACKENDS_READY");
  });
});
