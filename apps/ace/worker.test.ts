import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type ComfyuiServer, type StartedApp, startApp, startComfyuiServer } from "@pyworker/testing";

let app: StartedApp<ComfyuiServer>;
before(async () => {
  app = await startApp({
    folder: import.meta.dirname,
    startModel: startComfyuiServer,
    env: { MODE: "direct" },
  });
});
after(() => app.stop());

test("makes music", async () => {
  const answer = await app.post("/generate/sync", { input: { tags: "folk, fiddle", seconds: 10 } });
  assert.equal(answer.status, 200);
  const text = await answer.text();
  assert.match(text, /"status":"completed"/);
  assert.match(text, /"filename":"[^"]*\.mp3"/);
});

test("refuses a wrong field by its name, without asking ComfyUI", async () => {
  const jobs = app.model.jobs.length;
  const answer = await app.post("/generate/sync", { input: { tags: 5 } });
  assert.equal(answer.status, 422);
  assert.match(await answer.text(), /tags/);
  assert.equal(app.model.jobs.length, jobs);
});
