import { afterEach, expect, test } from "@jest/globals";
import { until } from "../until.ts";
import {
  cleanUp,
  ended,
  history,
  image,
  listen,
  node,
  outline,
  picture,
  post,
  run,
  slow,
  start,
  submit,
} from "./comfyui.test.fixture.ts";

afterEach(cleanUp);

const isOver = (promptId: string) => (event: { type: string; data: { node?: unknown; prompt_id?: unknown } }) =>
  event.type === "executing" && event.data.node === null && event.data.prompt_id === promptId;

test("a job's events come in ComfyUI's order, and last that nothing is executing, with the history written", async () => {
  const server = await start();
  const listener = await listen(server);
  expect(listener.events).toEqual([
    { type: "status", data: { status: { exec_info: { queue_remaining: 0 } }, sid: listener.clientId } },
  ]);
  listener.events.length = 0;
  const promptId = await submit(server, slow({ steps: 2 }), { client_id: listener.clientId });
  await until(() => listener.events.some(isOver(promptId)));
  expect((await history(server, promptId))[promptId]?.status.completed).toBe(true);
  expect(outline(listener, promptId)).toEqual([
    "status",
    "status",
    "execution_start",
    "execution_cached",
    "executing 1",
    "progress 1",
    "progress 1",
    "executing 2",
    "executed 2",
    "execution_success",
    "status",
    "executing null",
  ]);
  const states = listener.events.filter(({ type }) => type === "progress_state");
  expect(states.at(-1)?.data.nodes).toMatchObject({
    "1": { value: 2, max: 2, state: "finished", node_id: "1", real_node_id: "1" },
    "2": { value: 1, max: 1, state: "finished" },
  });
});

test("others hear the status alone, and nothing is kept for who comes late", async () => {
  const server = await start();
  const [one, other] = [await listen(server), await listen(server)];
  const promptId = await submit(server, picture(), { client_id: one.clientId });
  await until(() => one.events.some(isOver(promptId)));
  await until(() => other.events.length >= 3);
  expect(other.events.every(({ type }) => type === "status")).toBe(true);
  const late = await listen(server, one.clientId);
  expect(late.events).toHaveLength(1);
});

test("of a prompt that names no client, everybody hears how it proceeds and whether it was interrupted", async () => {
  const server = await start({ msPerStep: 5 });
  const listener = await listen(server);
  const promptId = await submit(server, slow({ steps: 10_000 }));
  await until(() => listener.events.some(({ type }) => type === "progress"));
  await post(server, "/interrupt", { prompt_id: promptId });
  await until(() => listener.events.some(({ type }) => type === "execution_interrupted"));
  const types = new Set(outline(listener, promptId));
  expect([...types]).toEqual(["status", "progress 1", "execution_interrupted"]);
});

test("who comes back hears the status and where the job is", async () => {
  const server = await start({ msPerStep: 20 });
  const first = await listen(server);
  const promptId = await submit(server, slow({ steps: 1000 }), { client_id: first.clientId });
  await until(() => first.events.some(({ type }) => type === "progress"));
  first.socket.terminate();
  await until(() => server.sockets === 0);
  const second = await listen(server, first.clientId);
  await until(() => second.events.some(({ type }) => type === "progress"));
  expect(second.events.slice(0, 2)).toMatchObject([{ type: "status" }, { type: "executing", data: { node: "1" } }]);
  await post(server, "/interrupt", { prompt_id: promptId });
  await until(() => second.events.some(isOver(promptId)));
});

test("an interrupt takes effect at a step; the history says error and lists nothing", async () => {
  const server = await start({ msPerStep: 5 });
  const listener = await listen(server);
  const promptId = await submit(server, slow({ steps: 10_000 }), { client_id: listener.clientId });
  await until(() => listener.events.some(({ type }) => type === "progress"));
  await post(server, "/interrupt", { prompt_id: "another" });
  await post(server, "/interrupt", { prompt_id: promptId });
  await until(() => listener.events.some(isOver(promptId)));
  expect(outline(listener, promptId).slice(-3)).toEqual(["execution_interrupted", "status", "executing null"]);
  const item = await ended(server, promptId);
  expect(item).toMatchObject({ outputs: {}, status: { status_str: "error", completed: false } });
  expect(item.status.messages.at(-1)).toMatchObject([
    "execution_interrupted",
    { node_id: "1", node_type: "StandInSlow" },
  ]);
  expect(server.jobs).toMatchObject([{ promptId, state: "interrupted", executedNodes: [] }]);
});

test("a failing node is told with its type and message, and ends the job", async () => {
  const server = await start();
  const listener = await listen(server);
  const promptId = await submit(server, slow({ fail: "oom", steps: 1 }), { client_id: listener.clientId });
  await until(() => listener.events.some(isOver(promptId)));
  expect(outline(listener, promptId).slice(-3)).toEqual(["execution_error", "status", "executing null"]);
  const item = await ended(server, promptId);
  expect(item.status.messages.at(-1)).toMatchObject([
    "execution_error",
    {
      prompt_id: promptId,
      node_id: "1",
      node_type: "StandInSlow",
      exception_type: "torch.OutOfMemoryError",
      exception_message: expect.stringContaining("CUDA out of memory"),
      current_inputs: { seed: [1] },
    },
  ]);
});

test("a node that blocks is told as an error, and the job goes on", async () => {
  const server = await start();
  const listener = await listen(server);
  const prompt = {
    "1": image(),
    "2": node("StandInBlock", { image: ["1", 0], message: "not today" }),
    "3": node("SaveImage", { images: ["2", 0], filename_prefix: "blocked" }),
    "4": node("SaveImage", { images: ["1", 0], filename_prefix: "free" }),
  };
  const promptId = await submit(server, prompt, { client_id: listener.clientId });
  await until(() => listener.events.some(isOver(promptId)));
  expect(listener.events.find(({ type }) => type === "execution_error")?.data).toMatchObject({
    node_id: "3",
    node_type: "SaveImage",
    exception_type: "ExecutionBlocked",
    exception_message: "Execution Blocked: not today",
  });
  const item = await ended(server, promptId);
  expect(item.status).toMatchObject({ status_str: "success", completed: true });
  expect(item.status.messages.map(([type]) => type)).not.toContain("execution_error");
  expect(Object.keys(item.outputs)).toEqual(["4"]);
});

test("pictures of what is being made come where they are asked for, with what they are of where the client takes that", async () => {
  const server = await start();
  const [plain, knowing] = [await listen(server), await listen(server)];
  knowing.socket.send(JSON.stringify({ type: "feature_flags", data: { supports_preview_metadata: true } }));
  const flags = await until(() => knowing.events.find(({ type }) => type === "feature_flags"));
  expect(flags.data).toMatchObject({ supports_preview_metadata: true, max_upload_size: 104_857_600 });
  const extra_data = { preview_method: "auto" };
  for (const [listener, seed] of [
    [plain, 1],
    [knowing, 2],
  ] as const) {
    const promptId = await submit(server, slow({ seed, steps: 2 }), { client_id: listener.clientId, extra_data });
    await until(() => listener.events.some(isOver(promptId)));
  }
  expect(plain.binary).toHaveLength(2);
  expect(plain.binary[0]?.readUInt32BE(0)).toBe(1);
  expect(plain.binary[0]?.readUInt32BE(4)).toBe(1);
  expect(plain.binary[0]?.subarray(8, 10).toString("hex")).toBe("ffd8");
  const length = knowing.binary[0]?.readUInt32BE(4) ?? 0;
  expect(knowing.binary[0]?.readUInt32BE(0)).toBe(4);
  expect(JSON.parse(knowing.binary[0]?.subarray(8, 8 + length).toString() ?? "")).toMatchObject({
    node_id: "1",
    image_type: "image/jpeg",
  });
});

test("a literal in the place of a link is taken, and fails its node", async () => {
  const server = await start();
  const { "2": save } = picture();
  const item = await run(server, { "2": { ...save, inputs: { ...save.inputs, images: "no picture" } } });
  expect(item.status.status_str).toBe("error");
  expect(item.status.messages.at(-1)).toMatchObject([
    "execution_error",
    { node_id: "2", node_type: "SaveImage", exception_message: "'str' object has no attribute 'shape'\n" },
  ]);
});
