import { afterEach, expect, test } from "@jest/globals";
import { until } from "../until.ts";
import {
  cleanUp,
  ended,
  get,
  history,
  listen,
  outline,
  picture,
  post,
  run,
  slow,
  start,
  submit,
} from "./comfyui.test.fixture.ts";

afterEach(cleanUp);

interface Queue {
  queue_running: unknown[][];
  queue_pending: unknown[][];
}

test("runs one prompt after another, and lists what runs and what waits", async () => {
  const server = await start({ msPerStep: 5 });
  const first = await submit(server, slow({ steps: 10_000 }));
  await until(() => server.jobs[0]?.state === "running");
  const second = await submit(server, slow({ seed: 2, steps: 1 }));
  const early = await submit(server, picture(), { front: true });
  const queue = await get<Queue>(server, "/queue");
  expect(queue.body.queue_running).toMatchObject([[0, first, slow({ steps: 10_000 }), {}, ["2"]]]);
  expect(queue.body.queue_pending.map(([number, promptId]) => [number, promptId])).toEqual([
    [-2, early],
    [1, second],
  ]);
  expect((await get(server, "/prompt")).body).toEqual({ exec_info: { queue_remaining: 3 } });
  await post(server, "/interrupt", "");
  await ended(server, second);
  expect(server.jobs.map(({ state }) => state)).toEqual(["interrupted", "success", "success"]);
});

test("a prompt that is deleted while it waits leaves nothing behind", async () => {
  const server = await start({ msPerStep: 5 });
  const running = await submit(server, slow({ steps: 10_000 }), { client_id: "another" });
  const listener = await listen(server);
  const waiting = await submit(server, picture(), { client_id: listener.clientId });
  await until(() => server.jobs[0]?.state === "running");
  expect((await post(server, "/queue", { delete: ["unheard of"] })).status).toBe(200);
  expect(await post(server, "/queue", { delete: [waiting] })).toMatchObject({ status: 200, text: "" });
  await post(server, "/interrupt", { prompt_id: running });
  await ended(server, running);
  expect(await history(server, waiting)).toEqual({});
  expect(server.jobs.map(({ state }) => state)).toEqual(["interrupted", "deleted"]);
  expect(listener.events.every(({ type }) => type === "status")).toBe(true);
});

test("the queue can be cleared; what runs goes on", async () => {
  const server = await start({ msPerStep: 5 });
  const running = await submit(server, slow({ steps: 20 }));
  await until(() => server.jobs[0]?.state === "running");
  await submit(server, picture());
  await submit(server, picture());
  await post(server, "/queue", { clear: true });
  expect((await get<Queue>(server, "/queue")).body.queue_pending).toEqual([]);
  expect((await ended(server, running)).status.status_str).toBe("success");
  expect(server.jobs.map(({ state }) => state)).toEqual(["success", "deleted", "deleted"]);
});

test("an interrupt that names a prompt stops no other", async () => {
  const server = await start({ msPerStep: 5 });
  const running = await submit(server, slow({ steps: 20 }));
  const waiting = await submit(server, picture());
  await until(() => server.jobs[0]?.state === "running");
  await post(server, "/interrupt", { prompt_id: waiting });
  expect((await ended(server, running)).status.status_str).toBe("success");
  expect((await ended(server, waiting)).status.status_str).toBe("success");
});

test("an identical prompt makes nothing, and lists the old files", async () => {
  const server = await start();
  const listener = await listen(server);
  const first = await run(server, picture());
  const second = await run(server, picture(), { client_id: listener.clientId });
  expect(second.outputs).toEqual(first.outputs);
  await until(() => listener.events.some(({ type, data }) => type === "executing" && data.node === null));
  const promptId = server.jobs[1]?.promptId ?? "";
  expect(outline(listener, promptId).filter((type) => type !== "status")).toEqual([
    "execution_start",
    "execution_cached",
    "executed 2",
    "execution_success",
    "executing null",
  ]);
  expect(server.jobs.map(({ executedNodes }) => executedNodes)).toEqual([["1", "2"], []]);
  expect(second.status.messages).toMatchObject([
    ["execution_start", {}],
    ["execution_cached", { nodes: ["1", "2"] }],
    ["execution_success", {}],
  ]);
  await server.deleteOutputs();
  const third = await run(server, picture());
  expect(third).toMatchObject({ outputs: first.outputs, status: { status_str: "success" } });
  expect((await get(server, "/view?filename=ComfyUI_00001_.png")).status).toBe(404);
});

test("what changes is made again, from there on", async () => {
  const server = await start();
  await run(server, slow({ steps: 1 }));
  await run(server, { ...slow({ steps: 1 }), "2": { class_type: "PreviewImage", inputs: { images: ["1", 0] } } });
  expect(server.jobs[1]?.executedNodes).toEqual(["2"]);
  // It remembers the latest prompt, and nothing from before.
  await run(server, picture());
  await run(server, slow({ steps: 1 }));
  expect(server.jobs[3]?.executedNodes).toEqual(["1", "2"]);
});

test("forgets what it has made when asked to free memory, after the prompt that runs", async () => {
  const server = await start({ msPerStep: 5 });
  const running = await submit(server, slow({ steps: 20 }));
  await until(() => server.jobs[0]?.state === "running");
  await post(server, "/free", { unload_models: true, free_memory: true });
  expect((await ended(server, running)).status.status_str).toBe("success");
  await run(server, slow({ steps: 20 }));
  expect(server.jobs[1]?.executedNodes).toEqual(["1", "2"]);
});

test("forgets history when told to", async () => {
  const server = await start();
  const ids = [await submit(server, picture({ color: 1 })), await submit(server, picture({ color: 2 }))];
  await Promise.all(ids.map((id) => ended(server, id)));
  expect(Object.keys((await get<object>(server, "/history")).body)).toEqual(ids);
  expect(Object.keys((await get<object>(server, "/history?max_items=1")).body)).toEqual(ids.slice(1));
  await post(server, "/history", { delete: ids.slice(0, 1) });
  expect(Object.keys((await get<object>(server, "/history")).body)).toEqual(ids.slice(1));
  await post(server, "/history", { clear: true });
  expect((await get(server, "/history")).body).toEqual({});
});
