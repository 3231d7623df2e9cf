import assert from "node:assert/strict";
import { appendFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { freePorts, type StartedApp, startApp, startProcess } from "@pyworker/testing";

interface ModelServer {
  url: string;
  logFile: string;
  stop(): Promise<number>;
}

async function startModelServer({ logFile }: { logFile: string }): Promise<ModelServer> {
  const { port } = await freePorts();
  const server = startProcess({
    command: process.execPath,
    args: ["model-server.ts"],
    cwd: import.meta.dirname,
    env: { PORT: String(port), MODEL_LOG: logFile, LOAD_SECONDS: "0.1" },
  });
  return { url: `http://127.0.0.1:${port}`, logFile, stop: () => server.stop() };
}

let app: StartedApp<ModelServer>;
before(async () => {
  app = await startApp({ folder: import.meta.dirname, startModel: startModelServer });
});
after(() => app.stop());

test("draws a picture", async () => {
  const answer = await app.post("/draw", { x: -0.75, y: 0.1, zoom: 10, size: 64 });
  assert.deepEqual([answer.status, answer.headers.get("content-type")], [200, "image/png"]);
  const picture = Buffer.from(await answer.arrayBuffer());
  assert.equal(picture.toString("latin1", 1, 4), "PNG");
  assert.equal(picture.readUInt32BE(16), 64);
});

test("refuses a picture that is too large, by the field's name", async () => {
  const answer = await app.post("/draw", { x: 0, y: 0, size: 4096 });
  assert.equal(answer.status, 422);
  assert.match(await answer.text(), /size/);
});

test("tells the engine what its log says went wrong, and refuses requests", async () => {
  await appendFile(app.model.logFile, "FATAL out of memory\n");
  const { error_msg: reason } = await app.engine.status(({ error_msg: told }) => told !== "");
  assert.equal(reason, "FATAL");
  assert.equal((await app.post("/draw", { x: 0, y: 0 })).status, 503);
});
