import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startApp } from "./start-app.ts";
import { startVllmServer } from "./vllm/vllm-server.ts";

/** No worker, but what a worker is from outside: it reads its environment, and says on the next port that it is ready. */
const program = `
import { createServer } from "node:http";
const { MODEL_SERVER_URL, WORKER_PORT } = process.env;
const listen = (port, answer) => createServer((request, response) => response.end(answer)).listen(port, "127.0.0.1");
listen(Number(WORKER_PORT), \`for \${MODEL_SERVER_URL}\`);
listen(Number(WORKER_PORT) + 1, "ready");
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pyworker-testing-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("starts the worker of a folder before a model server, and ends both", async () => {
  await writeFile(join(folder, "worker.ts"), program);
  const app = await startApp({ folder, startModel: startVllmServer });
  expect(await (await app.post("/", {})).text()).toBe(`for ${app.model.url}`);
  await app.stop();
  await expect(fetch(app.url)).rejects.toThrow();
  await expect(fetch(app.model.url)).rejects.toThrow();
});

test("says at once that the worker has ended, and what it printed", async () => {
  await writeFile(join(folder, "worker.ts"), 'console.log("WORKER_PORT is wrong"); process.exit(3);');
  const starting = startApp({ folder, startModel: startVllmServer });
  await expect(starting).rejects.toThrow("the worker ended with status 3; it printed\nWORKER_PORT is wrong");
});
