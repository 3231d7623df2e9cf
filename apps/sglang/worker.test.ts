import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type ModelServer, type StartedApp, startApp, startSglangServer } from "@pyworker/testing";

let app: StartedApp<ModelServer>;
before(async () => {
  app = await startApp({ folder: import.meta.dirname, startModel: startSglangServer });
});
after(() => app.stop());

test("completes a prompt", async () => {
  const answer = await app.post("/v1/completions", { prompt: "Hello", max_tokens: 8 });
  assert.equal(answer.status, 200);
  assert.match(await answer.text(), /"text":"[^"]*stand-in/);
});

test("streams a chat", async () => {
  const messages = [{ role: "user", content: "Hello" }];
  const answer = await app.post("/v1/chat/completions", { messages, max_tokens: 8, stream: true });
  assert.equal(answer.status, 200);
  assert.match(await answer.text(), /data: \[DONE\]\n\n$/);
});

test("refuses a wrong field by its name, without asking the model", async () => {
  const timesAsked = () => app.model.requests.filter(({ path }) => path === "/v1/completions").length;
  const before = timesAsked();
  const answer = await app.post("/v1/completions", { prompt: 5 });
  assert.equal(answer.status, 422);
  assert.match(await answer.text(), /prompt/);
  assert.equal(timesAsked(), before);
});
