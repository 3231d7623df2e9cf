import { afterAll, beforeAll, describe, expect } from "@jest/globals";
import { picture, seeded, together } from "../harness/comfyui/file-workflows.ts";
import { answerOf, generate, type JobAnswer } from "../harness/comfyui/job-client.ts";
import { fetchFile, sizeOfPng } from "../harness/comfyui/sample-files.ts";
import { type ComfyuiUnderTest, modes, startComfyuiWorker } from "../harness/comfyui/start-comfyui-worker.ts";
import { askForHistory, whatRan } from "../harness/comfyui/what-ran.ts";
import { type Workflow, workflow } from "../harness/comfyui/workflows.ts";
import { verifies } from "../harness/verifies.ts";

describe.each(modes)("in %s mode", (mode) => {
  let under: ComfyuiUnderTest;

  beforeAll(async () => {
    under = await startComfyuiWorker({ mode });
  });
  afterAll(() => under.stop());

  const run = (made: Workflow, more = {}): Promise<JobAnswer> => generate(under.worker, made, more, askForHistory);

  verifies(["comfyui/overrides"], "inputs are overridden by a node's id or title", async () => {
    const { body, status } = await run(picture(64, 64), {
      overrides: { "1": { inputs: { width: 48 } }, Canvas: { height: 24 }, "2": { filename_prefix: "overridden" } },
    });
    expect({ status, body }).toMatchObject({ status: 200, body: { output: [{}] } });
    const [file] = body.output;
    expect(file?.filename).toMatch(/^overridden/);
    expect(sizeOfPng((await fetchFile(under.worker, file)).bytes)).toEqual([48, 24]);
  });

  verifies(["comfyui/overrides-faults"], "overrides of what is not there, or there twice, are refused", async () => {
    const unknown = await run(picture(64, 64), { overrides: { Canvass: { width: 32 } } });
    expect(unknown.status).toBe(422);
    expect(unknown.body.payload?.input).toMatch(/Canvass.*1 \(Canvas\), 2 \(SaveImage\)/);
    const twice = await run(together(picture(64, 64), picture(64, 64)), { overrides: { Canvas: { width: 32 } } });
    expect(twice.status).toBe(422);
    expect(twice.body.payload?.input).toMatch(/Canvas.*0-1, 1-1/);
  });

  verifies(["comfyui/random"], "a random integer is another one in each input and each run", async () => {
    const twice = together(seeded("__RANDOM_INT__"), seeded("__RANDOM_INT__"), {
      ...picture(64, 64),
      "2": { class_type: "SaveImage", inputs: { images: ["1", 0], filename_prefix: "r__RANDOM_INT__-__RANDOM_INT__" } },
    });
    const drawn: unknown[] = [];
    for (let runs = 0; runs < 2; runs += 1) {
      const { body, status } = await run(twice);
      expect({ status, body }).toMatchObject({ status: 200 });
      const ran = whatRan(body);
      drawn.push(...["0-1", "1-1"].map((id) => ran[id]?.inputs.seed ?? ran[id]?.inputs.noise_seed));
      const prefix = String(ran["2-2"]?.inputs.filename_prefix);
      expect(prefix).toMatch(/^r(\d+)-\1$/);
      drawn.push(Number(prefix.split("-")[1]));
    }
    expect(new Set(drawn).size).toBe(6);
    expect(drawn.every((one) => Number.isInteger(one) && Number(one) >= 0 && Number(one) < 2 ** 32)).toBe(true);
  });

  verifies(["comfyui/seeds"], "seeds of 64 bits are exact", async () => {
    for (const seed of ["18446744073709551615", "9007199254740993"]) {
      const text = JSON.stringify(seeded("SEED")).replace('"SEED"', seed);
      const asJson = `{"auth_data": ${JSON.stringify(under.worker.authData())}, "payload": {"input": {"workflow_json": ${text}}}}`;
      const asText = JSON.stringify({
        auth_data: under.worker.authData(),
        payload: { input: { workflow_json: text, overrides: {} } },
      });
      for (const body of [asJson, asText]) {
        const answer = await under.worker.post("/generate/sync", body, {
          headers: { "content-type": "application/json", ...askForHistory.headers },
        });
        expect(await answer.text()).toMatch(new RegExp(`seed": ?${seed}\\b`));
        expect(answer.status).toBe(200);
      }
    }
  });

  verifies(["comfyui/workflow-text"], "a workflow may be JSON text", async () => {
    const { body, status } = await answerOf(
      await under.worker.send("/generate/sync", { input: { workflow_json: JSON.stringify(workflow("image")) } }),
    );
    expect({ status, body }).toMatchObject({ status: 200, body: { output: [{ type: "output" }] } });
    const wrong = await answerOf(await under.worker.send("/generate/sync", { input: { workflow_json: "{broken" } }));
    expect(wrong.status).toBe(422);
    expect(wrong.body.payload?.["input.workflow_json"]).toMatch(/JSON text/);
  });
});
