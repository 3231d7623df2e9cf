import { afterEach, describe, expect, test } from "@jest/globals";
import { until } from "@pyworker/testing";
import type { JobProgress } from "../jobs/progress.ts";
import { clientOf, messageIs, promptTaken, startLine, stopAll } from "./start-wrapper.test.fixture.ts";

afterEach(stopAll);

const input = {
  request_id: "the caller's own",
  workflow_json: {
    "3": { class_type: "KSampler", inputs: { seed: 18446744073709551615n }, _meta: { title: "Sampler" } },
    "9": { class_type: "SaveImage", inputs: { images: ["3", 0] } },
  },
};
const forever = new AbortController().signal;
const options = { id: "job-1", signal: forever };
const ignore = () => undefined;

describe("a generation", () => {
  test("is answered as the wrapper answers it", async () => {
    const { client, comfyui, wrapper } = await startLine();
    const headers = { "x-include-comfyui-response": "true" };
    const answering = client.generate(input, { ...options, headers });
    const promptId = await promptTaken(comfyui);
    expect(comfyui.prompts.get(promptId)).toContain('"seed":18446744073709551615');
    comfyui.finish(promptId);
    const { body, contentType, headers: answered, result, status } = await answering;
    expect([status, contentType, answered]).toEqual([200, "application/json", {}]);
    expect(JSON.parse(body.toString())).toEqual(result);
    expect(result).toMatchObject({
      id: "job-1",
      status: "completed",
      output: [{ filename: "image_00001_.png", node_id: "9" }],
      comfyui_response: { [promptId]: {} },
    });
    expect(wrapper.jobs).toMatchObject([{ id: "job-1", payload: { ...input, request_id: "job-1" } }]);
  });

  test("that fails is answered with its status and its result", async () => {
    const { client, comfyui } = await startLine();
    const answering = client.generate(input, options);
    comfyui.finish(await promptTaken(comfyui), { error: { exception_message: "no" } });
    expect(await answering).toMatchObject({ status: 500, result: { status: "failed" } });
  });

  test("that is refused is answered with why, and when to come back", async () => {
    const { client, comfyui } = await startLine({ maxQueueSize: 1 });
    const invalid = await client.generate({}, options);
    expect(invalid).toMatchObject({ status: 422, result: undefined });
    expect(JSON.parse(invalid.body.toString())).toMatchObject({ detail: [{ loc: ["body", "input"] }] });
    const first = client.generate(input, options);
    const promptId = await promptTaken(comfyui);
    const full = { status: 503, headers: { "retry-after": "5" } };
    expect(await client.generate(input, options)).toMatchObject({ ...full, result: { status: "failed" } });
    expect(await client.stream(input, { ...options, onProgress: ignore })).toMatchObject({
      ...full,
      result: undefined,
    });
    comfyui.finish(promptId);
    await first;
  });

  test.each(["generate", "stream"] as const)("is cancelled when nobody waits for it: %s", async (way) => {
    const { client, comfyui, wrapper } = await startLine();
    const other = client.generate(input, { ...options, id: "other" });
    const otherPrompt = await promptTaken(comfyui);
    const leaving = new AbortController();
    const left = client[way](input, { id: "mine", signal: leaving.signal, onProgress: ignore });
    await until(() => wrapper.jobs.length === 2);
    const reason = new Error("the client left");
    leaving.abort(reason);
    await expect(left).rejects.toBe(reason);
    expect(wrapper.requests.at(-1)).toMatchObject({ method: "POST", path: "/cancel/mine" });
    expect(wrapper.jobs[1]?.state).toBe("cancelled");
    await until(() => wrapper.requests.some(({ abortedAt }) => abortedAt !== undefined));
    comfyui.finish(otherPrompt);
    expect(await other).toMatchObject({ status: 200, result: { status: "completed" } });
  });

  test("is not begun where nobody waits for it any more", async () => {
    const { client, wrapper } = await startLine();
    const reason = new Error("the client left");
    await expect(client.generate(input, { ...options, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(wrapper.requests).toEqual([]);
  });

  test("fails when the wrapper dies in its middle", async () => {
    const { client, comfyui } = await startLine({ faults: { dieAfterChunks: 0 } });
    const answering = client.generate(input, options);
    comfyui.finish(await promptTaken(comfyui));
    await expect(answering).rejects.toMatchObject({ status: 502, fault: { type: "comfyui_unreachable" } });
  });

  test("fails when the wrapper breaks the connection, or isn't there", async () => {
    const { client, wrapper } = await startLine({ faults: { refuse: true } });
    const fault = { type: "comfyui_unreachable", message: expect.stringContaining(`at ${wrapper.url}: `) };
    await expect(client.generate(input, options)).rejects.toMatchObject({ status: 502, fault });
    await wrapper.kill();
    await expect(client.generate(input, options)).rejects.toMatchObject({ status: 502, fault });
    await expect(client.result("job-1")).rejects.toMatchObject({ status: 502, fault });
    expect(await client.isHealthy()).toBe(false);
  });
});

describe("a stream", () => {
  test("tells how the job gets on, once each, and resolves to its result", async () => {
    const { client, comfyui, wrapper } = await startLine();
    const progress: JobProgress[] = [];
    const answering = client.stream(input, { ...options, onProgress: (step) => progress.push(step) });
    const promptId = await promptTaken(comfyui);
    const heard = (count: number) => until(() => progress.length === count);
    await messageIs(wrapper, `Generation started (ComfyUI job: ${promptId})`);
    await heard(1);
    comfyui.tell("executing", { node: "3", prompt_id: promptId });
    await heard(2);
    comfyui.tell("progress", { value: 5, max: 20, prompt_id: promptId });
    await heard(3);
    comfyui.finish(promptId);
    const { body, contentType, result, status } = await answering;
    expect(progress).toEqual([
      { kind: "started", promptId },
      { kind: "node", nodeId: "3", classType: "KSampler", title: "Sampler", done: 0, total: 2 },
      { kind: "step", nodeId: "3", value: 5, max: 20, percentage: 12.5 },
    ]);
    expect([status, contentType]).toEqual([200, "application/json"]);
    expect(JSON.parse(body.toString())).toEqual(result);
    expect(result).toMatchObject({ id: "job-1", status: "completed" });
  });

  test("of a job that fails resolves with the status that it would have had", async () => {
    const { client, comfyui } = await startLine();
    const answering = client.stream(input, { ...options, onProgress: ignore });
    comfyui.finish(await promptTaken(comfyui), { error: { exception_message: "timed out" } });
    expect(await answering).toMatchObject({ status: 502, result: { status: "failed" } });
  });

  test.each([false, true])("ends when somebody cancels the job; an old wrapper: %s", async (old) => {
    const { client, comfyui } = await startLine({ old });
    const answering = client.stream(input, { ...options, onProgress: ignore });
    await promptTaken(comfyui);
    expect(await client.cancel("job-1")).toMatchObject({ status: 200 });
    expect(await answering).toMatchObject({ status: 499, result: { status: "cancelled" } });
  });

  test.each([
    [{ errorAfterChunks: 1 }, "lost", "failed to follow the job: Stream error: fault on demand"],
    [{ dieAfterChunks: 1 }, "comfyui_unreachable", "cannot connect to ComfyUI's API wrapper at "],
  ])("that breaks off fails, and its job is cancelled: %j", async (faults, type, message) => {
    const { client, wrapper } = await startLine({ faults });
    const fault = { type, message: expect.stringContaining(message) };
    const streaming = client.stream(input, { ...options, onProgress: ignore });
    await expect(streaming).rejects.toMatchObject({ name: "JobError", status: 502, fault });
    expect(wrapper.jobs).toMatchObject([{ state: "cancelled" }]);
  });
});

describe("the other routes", () => {
  test("are asked as they are", async () => {
    const { client, comfyui } = await startLine();
    const unknown = await client.result("nobody/else");
    expect(unknown).toMatchObject({ status: 404, result: { id: "nobody/else", message: "Request ID not found" } });
    expect(await client.cancel("nobody")).toMatchObject({ status: 404, result: undefined });
    const answering = client.generate(input, options);
    const promptId = await promptTaken(comfyui);
    expect(await client.result("job-1")).toMatchObject({ status: 200, result: { id: "job-1" } });
    comfyui.finish(promptId);
    await answering;
    expect(await client.result("job-1")).toMatchObject({ status: 200, result: { status: "completed" } });
  });

  test("are given up after a while", async () => {
    const { wrapper } = await startLine({ faults: { stall: true } });
    const hurried = clientOf(wrapper.url, { timeoutMilliseconds: 20 });
    const fault = { type: "comfyui_unreachable", message: expect.stringContaining("timeout") };
    await expect(hurried.result("job-1")).rejects.toMatchObject({ fault });
  });

  test("tell whether the wrapper and its ComfyUI are well", async () => {
    const { client, comfyui, wrapper } = await startLine();
    expect(await client.isHealthy()).toBe(true);
    await comfyui.stop();
    expect(await client.isHealthy()).toBe(false);
    wrapper.faults.set({ healthStatus: 200 });
    expect(await client.isHealthy()).toBe(false);
  });
});
