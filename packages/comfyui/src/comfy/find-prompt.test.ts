import { createServer } from "node:http";
import { afterEach, expect, test } from "@jest/globals";
import { createComfyHttp } from "./comfy-http.ts";
import { findPrompt } from "./find-prompt.ts";

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUps.splice(0)) {
    await undo();
  }
});

/** Answers each request with the next of these. */
async function answering(...answers: unknown[]) {
  const server = createServer((_request, response) => {
    const answer = answers.shift();
    response.writeHead(answer === undefined ? 404 : 200).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const comfy = createComfyHttp(`http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`);
  cleanUps.push(
    () => comfy.stop(),
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return comfy;
}

const queue = (running: unknown[], pending: unknown[]) => ({ queue_running: running, queue_pending: pending });
const item = (promptId: string) => [0, promptId, {}, {}, ["9"], "of a newer ComfyUI"];
const entry = { outputs: {}, status: { status_str: "success", completed: true, messages: [] } };

test.each([
  ["running", queue([item("p")], []), { state: "running" }],
  ["pending", queue([item("q")], [item("p")]), { state: "pending", isIdle: false }],
  ["pending while nothing runs", queue([], [item("p")]), { state: "pending", isIdle: true }],
])("finds one that is %s", async (_name, answer, state) => {
  expect(await findPrompt(await answering({}, answer), "p")).toEqual(state);
});

test("finds one that ends between the two questions", async () => {
  expect(await findPrompt(await answering({}, queue([], []), { p: entry }), "p")).toMatchObject({ state: "ended" });
});

test("finds none where ComfyUI has none", async () => {
  expect(await findPrompt(await answering({}, queue([], []), {}), "p")).toEqual({ state: "gone" });
});

test("rejects where what answers is not ComfyUI", async () => {
  await expect(findPrompt(await answering({}, "hello"), "p")).rejects.toThrow("not ComfyUI");
  await expect(findPrompt(await answering(), "p")).rejects.toThrow("status 404");
});
