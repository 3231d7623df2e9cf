import { afterEach, expect, test } from "@jest/globals";
import { cleanUp, imageWorkflow, run } from "./comfy.test.fixture.ts";
import { startBehind } from "./in-front.test.fixture.ts";

afterEach(cleanUp);

test("doesn't run twice what ComfyUI has taken though its answer was lost", async () => {
  let lost = 0;
  const comfyui = await startBehind({
    answersPrompt: async () => {
      lost += 1;
      return false;
    },
  });
  const { outputs } = await run(comfyui, imageWorkflow()).finished;
  expect(outputs).toHaveProperty("2");
  expect(lost).toBe(1);
  expect(comfyui.server.jobs).toHaveLength(1);
});
