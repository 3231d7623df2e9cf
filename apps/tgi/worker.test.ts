import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type ModelServer, type StartedApp, startApp, startTgiServer } from "@pyworker/testing";

let app: StartedApp<ModelServer>;
before(async () => {
  app = await startApp({ folder: import.meta.dirname, startModel: startTgiServer });
});
after(() => app.stop());

test("generates a text", async () => {
  const answer = await app.post("/generate", { inputs: "Hello", parameters: { max_new_tokens: 8 } });
  assert.equal(answer.status, 200);
  assert.match(await answer.text(), /"generated_text":"[^"]*stand-in/);
});

test("streams one", async () => {
  const answer = await app.post("/generate_stream", { inputs: "Hello", parameters: { max_new_tokens: 8 } });
  assert.equal(answer.status, 200);
  assert.match(await answer.text(), /"generated_text":"[^"]*stand-in/);
});

test("refuses a wrong field by its name, without asking the model", async () => {
  const timesAsked = () => app.model.requests.filter(({ path }) => path === "/generate").length;
  const before = timesAsked();
  const answer = await app.post("/generate", { inputs: "Hello", parameters: { max_new_tokens: "many" } });
  assert.equal(answer.status, 422);
  assert.match(await answer.text(), /max_new_tokens/);
  assert.equal(timesAsked(), before);
});
