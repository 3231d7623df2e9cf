import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type ComfyuiServer, startComfyuiServer, until } from "@pyworker/testing";
import { installMilliseconds, preparePython, runScript } from "./python.ts";
import { startBehindEngine } from "./start-behind-engine.ts";

let python: string;
let comfyui: ComfyuiServer;
let service: Awaited<ReturnType<typeof startBehindEngine>>;

beforeAll(async () => {
  python = await preparePython();
  comfyui = await startComfyuiServer();
  service = await startBehindEngine({ app: "comfyui", modelUrl: comfyui.url, env: { MODE: "direct" } });
  await service.ready();
}, installMilliseconds);

afterAll(async () => {
  await service.stop();
  await comfyui.stop();
});

interface ClientResult {
  ok: boolean;
  status: number;
  request_idx: number;
  response: { status: string; output: { local_path: string; output_type: string }[] };
  text?: string;
}

const ask = (input: object): Promise<ClientResult> =>
  runScript(python, "request.py", {
    args: ["/generate/sync", JSON.stringify({ input })],
    env: { ENGINE_URL: service.engineUrl },
  }) as Promise<ClientResult>;

/** As Vast's own example for its client sends it: what is not set is an empty string. */
const unset = {
  request_id: "",
  s3: { access_key_id: "", secret_access_key: "", endpoint_url: "", bucket_name: "", region: "" },
  webhook: { url: "", extra_params: {} },
};

test("the Python client gets a picture, and the engine hears that the job was served", async () => {
  const modifications = { prompt: "a lighthouse", width: 64, height: 64, steps: 2, seed: 42 };
  const result = await ask({ ...unset, modifier: "Text2Image", modifications, workflow_json: {} });
  expect(result).toMatchObject({
    ok: true,
    status: 200,
    response: { status: "completed", output: [{ output_type: "images" }] },
  });
  expect(result.response.output[0]?.local_path).toMatch(/^\/workspace\/ComfyUI\/output\/.+\.png$/);
  await until(() => service.engine.ended().get(result.request_idx) === "Success");
});

test("the Python client is told what is wrong with a workflow, and does not try again", async () => {
  const refused = { "1": { class_type: "NoSuchNode", inputs: {} } };
  const before = comfyui.requests.filter(({ path }) => path === "/prompt").length;
  const result = await ask({ ...unset, modifier: "", modifications: {}, workflow_json: refused });
  expect(result).toMatchObject({ ok: false, status: 400 });
  expect(result.text).toContain("NoSuchNode");
  expect(comfyui.requests.filter(({ path }) => path === "/prompt")).toHaveLength(before + 1);
});
