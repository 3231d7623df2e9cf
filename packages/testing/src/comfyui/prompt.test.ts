import { once } from "node:events";
import { afterEach, describe, expect, test } from "@jest/globals";
import { WebSocket } from "ws";
import {
  cleanUp,
  ended,
  get,
  image,
  node,
  picture,
  post,
  read,
  run,
  slow,
  start,
  submit,
} from "./comfyui.test.fixture.ts";
import { largestSeed } from "./nodes/node-class.ts";

afterEach(cleanUp);

interface Refusal {
  error: { type: string; message: string; details: string };
  node_errors: Record<string, { errors: { type: string; extra_info: object }[]; dependent_outputs: string[] }>;
}

const save = (images: unknown) => node("SaveImage", { images, filename_prefix: "x" });

describe("POST /prompt refuses", () => {
  const cases: [what: string, body: unknown, type: string, details: string][] = [
    ["no prompt", {}, "no_prompt", "No prompt provided"],
    ["no outputs", { prompt: { "1": image() } }, "prompt_no_outputs", ""],
    ["a class it doesn't know", { prompt: { "9": node("Nonsense") } }, "invalid_prompt", "Node ID '#9'"],
    ["a node without a class", { prompt: { "9": { inputs: {} } } }, "invalid_prompt", "Node ID '#9'"],
    ["the editor's format", { prompt: { id: "x", nodes: [], links: [] } }, "invalid_prompt", "Node ID '#nodes'"],
  ];
  test.each(cases)("%s", async (_what, body, type, details) => {
    const server = await start();
    const answer = await post<Refusal>(server, "/prompt", body);
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatchObject({ type, details });
    expect(server.jobs).toEqual([]);
  });

  const inputs: [type: string, prompt: object, nodeId: string, about: object][] = [
    ["required_input_missing", { "1": node("SaveImage", { filename_prefix: "x" }) }, "1", { input_name: "images" }],
    ["value_smaller_than_min", picture({ width: 0 }), "1", { input_name: "width", received_value: 0 }],
    ["value_bigger_than_max", picture({ color: 0x1000000 }), "1", { input_name: "color" }],
    ["invalid_input_type", picture({ height: "tall" }), "1", { input_name: "height", received_value: "tall" }],
    [
      "value_not_in_list",
      {
        "1": image(),
        "2": node("ImageScale", { image: ["1", 0], upscale_method: "magic", width: 1, height: 1, crop: "center" }),
        "3": save(["2", 0]),
      },
      "2",
      {
        input_name: "upscale_method",
        input_config: [expect.arrayContaining(["lanczos"]), {}],
        received_value: "magic",
      },
    ],
    [
      "return_type_mismatch",
      { "1": node("EmptyAudio", { duration: 1, sample_rate: 44100, channels: 2 }), "2": save(["1", 0]) },
      "2",
      { input_name: "images", received_type: "AUDIO", linked_node: ["1", 0] },
    ],
    [
      "value_not_in_list",
      {
        "1": image(),
        "2": node("CreateVideo", { images: ["1", 0], fps: 8 }),
        "3": node("SaveVideo", { video: ["2", 0], filename_prefix: "x", format: "avi", codec: "auto" }),
      },
      "3",
      { input_config: ["COMBO", { options: ["auto", "mp4"] }] },
    ],
    ["bad_linked_input", { "2": save(["1"]) }, "2", { input_name: "images", received_value: ["1"] }],
    ["exception_during_validation", { "2": save(["99", 0]) }, "2", { exception_type: "KeyError" }],
    [
      "exception_during_inner_validation",
      { "1": node("ImageInvert", { image: ["99", 0] }), "2": save(["1", 0]) },
      "1",
      { input_name: "images", linked_node: ["1", 0] },
    ],
    [
      "custom_validation_failed",
      { "1": node("LoadImage", { image: "none.png" }), "2": save(["1", 0]) },
      "1",
      { input_name: "image" },
    ],
    [
      "dependency_cycle",
      {
        "1": node("ImageInvert", { image: ["2", 0] }),
        "2": node("ImageInvert", { image: ["1", 0] }),
        "3": save(["1", 0]),
      },
      "2",
      { node_id: "2", cycle_nodes: ["1", "2"] },
    ],
  ];
  test.each(inputs)("%s, and tells of which input", async (type, prompt, nodeId, about) => {
    const server = await start();
    const answer = await post<Refusal>(server, "/prompt", { prompt });
    expect(answer.status).toBe(400);
    expect(answer.body.error.type).toBe("prompt_outputs_failed_validation");
    expect(answer.body.node_errors[nodeId]).toMatchObject({
      errors: [{ type, extra_info: about }],
      dependent_outputs: [expect.stringMatching(/^[123]$/)],
    });
  });

  test("what is no JSON, with an error of the server's own", async () => {
    const answer = await post(await start(), "/prompt", "{not json");
    expect(answer).toMatchObject({ status: 500, text: expect.stringContaining("Server got itself in trouble") });
  });

  test("a page of another place, and a body that is too large", async () => {
    const server = await start({ maxUploadBytes: 1000 });
    const asked = (origin: string) => fetch(`${server.url}/api/queue`, { headers: { origin } });
    expect((await asked("https://elsewhere.example")).status).toBe(403);
    expect((await asked(server.url)).status).toBe(200);
    const socket = new WebSocket(`${server.url.replace("http", "ws")}/ws`, { origin: "https://elsewhere.example" });
    await expect(once(socket, "open")).rejects.toThrow("403");
    expect((await post(server, "/prompt", { prompt: picture(), padding: "x".repeat(1000) })).status).toBe(413);
  });

  test("in newer words where it stands in for a newer ComfyUI", async () => {
    const server = await start({ newest: true });
    const unknown = await post<Refusal>(server, "/prompt", { prompt: { "9": node("Nonsense") } });
    expect(unknown.body.error).toMatchObject({ type: "missing_node_type", extra_info: { class_type: "Nonsense" } });
    const named = await post<Refusal>(server, "/prompt", { prompt: picture(), prompt_id: "mine" });
    expect(named).toMatchObject({ status: 400, body: { error: { type: "invalid_prompt_id" } } });
  });
});

test("of a prompt that can't run at all, the details are those of the outputs themselves", async () => {
  const server = await start();
  const prompt = { "1": image({ width: 0 }), "2": save(["1", 0]), "3": save(["1", 0]), "4": node("SaveImage") };
  const { body } = await post<Refusal>(server, "/prompt", { prompt });
  expect(body.error.details).toBe("Required input is missing: images\nRequired input is missing: filename_prefix");
  expect(body.node_errors).toMatchObject({
    "1": { dependent_outputs: ["2", "3", "4"], errors: [{ type: "value_smaller_than_min" }] },
    "4": { dependent_outputs: ["4"] },
  });
  expect(Object.keys(body.node_errors)).toEqual(["1", "4"]);
});

test("a prompt of which some outputs are faulty runs the others", async () => {
  const server = await start();
  const prompt = { ...picture(), "3": image({ width: 0 }), "4": save(["3", 0]) };
  const answer = await post<Refusal & { prompt_id: string; number: number }>(server, "/api/prompt", { prompt });
  expect(answer.status).toBe(200);
  expect(answer.body).toMatchObject({ number: 0, node_errors: { "3": { dependent_outputs: ["4"] } } });
  const item = await ended(server, answer.body.prompt_id);
  expect(Object.keys(item.outputs)).toEqual(["2"]);
  expect(item.status.status_str).toBe("success");
});

test("takes a prompt id twice, inputs it doesn't know, and a list that is wrapped", async () => {
  const server = await start();
  for (const color of [1, 2]) {
    const prompt = picture({ color: { __value__: color }, unheard: "of" });
    expect((await post(server, "/prompt", { prompt, prompt_id: "same" })).status).toBe(200);
  }
  expect(server.jobs.map(({ promptId }) => promptId)).toEqual(["same", "same"]);
});

test("a seed of 64 bits survives", async () => {
  const server = await start();
  const prompt = JSON.stringify(slow()).replace('"seed":1', `"seed":${largestSeed}`);
  const taken = await post<{ prompt_id: string }>(server, "/prompt", `{"prompt":${prompt}}`);
  expect(server.jobs[0]?.workflow).toMatchObject({ "1": { inputs: { seed: largestSeed } } });
  await ended(server, taken.body.prompt_id);
  expect((await get(server, `/history/${taken.body.prompt_id}`)).text).toContain(`"seed":${largestSeed}`);
  const beyond = `{"prompt":${prompt.replace(String(largestSeed), String(largestSeed + 1n))}}`;
  expect((await post(server, "/prompt", beyond)).text).toContain("value_bigger_than_max");
});

test("an order for some outputs makes no others", async () => {
  const server = await start();
  const prompt = { ...picture(), "3": save(["1", 0]) };
  const item = await run(server, prompt, { partial_execution_targets: ["3"] });
  expect(Object.keys(item.outputs)).toEqual(["3"]);
});

test("says what it knows: nodes, models and itself", async () => {
  const server = await start();
  const stats = await get<{ devices: object[] }>(server, "/system_stats");
  expect(stats.body).toMatchObject({ system: { comfyui_version: "0.3.64" }, devices: [{ type: "cuda" }] });
  expect((await get(server, "/object_info/CheckpointLoaderSimple")).body).toMatchObject({
    CheckpointLoaderSimple: {
      input: { required: { ckpt_name: [expect.arrayContaining(["v1-5-pruned-emaonly-fp16.safetensors"]), {}] } },
      output: ["MODEL", "CLIP", "VAE"],
      output_node: false,
    },
  });
  expect(await get(server, "/object_info/Nonsense")).toMatchObject({ status: 200, body: {} });
  expect(Object.keys((await get<object>(server, "/object_info")).body)).toContain("VHS_VideoCombine");
  expect((await get(server, "/models/vae")).body).toEqual(["wan_2.1_vae.safetensors"]);
  expect((await read(await fetch(`${server.url}/models/nothing`))).status).toBe(404);
  expect(await submit(server, picture())).toMatch(/^[0-9a-f-]{36}$/);
});
