import { readFile } from "node:fs/promises";
import { afterEach, expect, test } from "@jest/globals";
import { until } from "../until.ts";
import {
  cleanUp,
  ended,
  get,
  history,
  listen,
  logFile,
  open,
  outline,
  picture,
  post,
  run,
  slow,
  start,
  submit,
} from "./comfyui.test.fixture.ts";

afterEach(cleanUp);

test("a silent socket is open and says nothing, while the job runs", async () => {
  const server = await start({ faults: { socket: "silent" } });
  const listener = open(server);
  await until(() => listener.socket.readyState === listener.socket.OPEN);
  const item = await run(server, picture(), { client_id: listener.clientId });
  expect(item.status.status_str).toBe("success");
  expect(listener.events).toEqual([]);
});

test("a socket can be refused", async () => {
  const server = await start({ faults: { socket: "refused" } });
  const listener = open(server);
  await until(() => listener.socket.readyState === listener.socket.CLOSED);
  expect(server.sockets).toBe(0);
});

test("a socket can break in the middle of a job, which goes on", async () => {
  const server = await start({ faults: { dropSocketAfterEvents: 3 } });
  const listener = await listen(server);
  const promptId = await submit(server, slow({ steps: 50 }), { client_id: listener.clientId });
  await until(() => listener.socket.readyState === listener.socket.CLOSED);
  expect(outline(listener, promptId)).not.toContain("executing null");
  expect((await ended(server, promptId)).status.status_str).toBe("success");
});

test.each([true, false])("an old socket that closes takes the new one's place with it: %s", async (reconnectRace) => {
  const server = await start({ faults: { reconnectRace } });
  const old = await listen(server);
  const current = await listen(server, old.clientId);
  old.socket.close();
  await until(() => server.sockets === 1);
  const promptId = await submit(server, picture(), { client_id: old.clientId });
  await ended(server, promptId);
  // What reaches a socket of its own has reached the other, had it been sent.
  await listen(server);
  expect(current.events.some(({ data }) => data.prompt_id === promptId)).toBe(!reconnectRace);
});

test("a killed server loses its queue and its history, and knows the job no more", async () => {
  const server = await start({ msPerStep: 5 });
  const done = await submit(server, picture());
  await ended(server, done);
  const listener = await listen(server);
  const promptId = await submit(server, slow({ steps: 10_000 }), { client_id: listener.clientId });
  await until(() => listener.events.some(({ type }) => type === "progress"));
  await server.kill();
  await until(() => listener.socket.readyState === listener.socket.CLOSED);
  await expect(fetch(`${server.url}/queue`)).rejects.toThrow();
  await server.restart();
  expect(await history(server, done)).toEqual({});
  expect(await history(server, promptId)).toEqual({});
  expect((await get(server, "/queue")).body).toEqual({ queue_running: [], queue_pending: [] });
  expect(server.jobs.map(({ state }) => state)).toEqual(["success", "lost"]);
  expect((await run(server, picture())).status.status_str).toBe("success");
});

test("a dead worker takes prompts and runs none, until the server starts again", async () => {
  const file = await logFile();
  const server = await start({ logFile: file, faults: { deadWorker: true } });
  await submit(server, picture());
  await until(async () => /^Exception in thread Thread-\d+ \(prompt_worker\):$/m.test(await readFile(file, "utf8")));
  server.faults.set({});
  await submit(server, picture());
  const { body } = await get<Record<string, unknown[]>>(server, "/queue");
  expect([body.queue_running, body.queue_pending?.length]).toEqual([[], 2]);
  await server.kill();
  await server.restart();
  expect((await run(server, picture())).status.status_str).toBe("success");
});

test("a link to nowhere in an input that the class does not declare ends the worker", async () => {
  const file = await logFile();
  const server = await start({ logFile: file });
  const listener = await listen(server);
  const { "1": source, "2": save } = picture();
  const stray = { ...save, inputs: { ...save.inputs, zz: ["99", 0] } };
  const promptId = await submit(server, { "1": source, "2": stray }, { client_id: listener.clientId });
  await until(async () => /^Exception in thread Thread-\d+ \(prompt_worker\):$/m.test(await readFile(file, "utf8")));
  await submit(server, picture({ color: 1 }));
  const { body } = await get<Record<string, unknown[][]>>(server, "/queue");
  expect([body.queue_running?.map(([, id]) => id), body.queue_pending?.length]).toEqual([[promptId], 1]);
  expect(await history(server, promptId)).toEqual({});
  expect(outline(listener, promptId).filter((type) => type !== "status")).toEqual([
    "execution_start",
    "execution_cached",
  ]);
});

test("a cycle through such an input is a success that holds an error", async () => {
  const server = await start();
  const { "1": source, "2": save } = picture();
  const item = await run(server, { "1": { ...source, inputs: { ...source.inputs, zz: ["2", 0] } }, "2": save });
  expect(item).toMatchObject({ outputs: {}, status: { status_str: "success", completed: true } });
  expect(item.status.messages.map(([type]) => type)).toEqual([
    "execution_start",
    "execution_cached",
    "execution_error",
  ]);
  expect(item.status.messages[2]?.[1]).toMatchObject({ node_id: "2", exception_message: "Dependency cycle detected" });
  expect((await run(server, picture())).status.status_str).toBe("success");
});

test("the history can come late: after the success, before the last event", async () => {
  const server = await start({ faults: { historyDelayMs: 100 } });
  const listener = await listen(server);
  const promptId = await submit(server, picture(), { client_id: listener.clientId });
  await until(() => listener.events.some(({ type }) => type === "execution_success"));
  expect(await history(server, promptId)).toEqual({});
  await until(() => listener.events.some(({ type, data }) => type === "executing" && data.node === null));
  expect(await history(server, promptId)).toHaveProperty([promptId]);
});

test("prompts can be refused so many times, by a fault that is set over HTTP", async () => {
  const server = await start();
  await post(server, "/stand-in/faults", { promptFailures: 2, promptStatus: 503 });
  const statuses: number[] = [];
  for (let time = 0; time < 3; time += 1) {
    statuses.push((await post(server, "/prompt", { prompt: picture() })).status);
  }
  expect(statuses).toEqual([503, 503, 200]);
  expect(server.jobs).toHaveLength(1);
  server.faults.set({ promptFailures: 1 });
  expect((await post(server, "/prompt", { prompt: picture() })).status).toBe(500);
});

test("files can be missing", async () => {
  const server = await start({ faults: { viewMissing: true } });
  await run(server, picture());
  expect((await get(server, "/view?filename=ComfyUI_00001_.png")).status).toBe(404);
  server.faults.set({});
  expect((await fetch(`${server.url}/view?filename=ComfyUI_00001_.png`)).status).toBe(200);
});

test("an old interrupt stops whatever runs", async () => {
  const server = await start({ msPerStep: 5, faults: { legacyInterrupt: true } });
  const promptId = await submit(server, slow({ steps: 10_000 }));
  await until(() => server.jobs[0]?.state === "running");
  await post(server, "/interrupt", { prompt_id: "another" });
  expect((await ended(server, promptId)).status.status_str).toBe("error");
});

test("a node can be deaf to interrupts", async () => {
  const server = await start({ faults: { deafToInterrupt: true } });
  const promptId = await submit(server, slow({ steps: 20 }));
  await until(() => server.jobs[0]?.state === "running");
  await post(server, "/interrupt", { prompt_id: promptId });
  expect((await ended(server, promptId)).status.status_str).toBe("success");
});
