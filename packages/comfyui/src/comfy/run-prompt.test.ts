import { afterEach, describe, expect, test } from "@jest/globals";
import { until } from "@pyworker/testing";
import {
  audioWorkflow,
  type Comfyui,
  cleanUp,
  faultOf,
  imageWorkflow,
  node,
  run,
  samplerWorkflow,
  slowWorkflow,
  start,
  videoWorkflow,
} from "./comfy.test.fixture.ts";
import { startBehind } from "./in-front.test.fixture.ts";

afterEach(cleanUp);

describe("a prompt that succeeds", () => {
  test.each([
    ["a picture", imageWorkflow, "2", "images"],
    ["a video", videoWorkflow, "3", "images"],
    ["a sound", audioWorkflow, "2", "audio"],
  ])("comes with its outputs: %s", async (_name, workflow, nodeId, key) => {
    const comfyui = await start();
    const { outputs } = await run(comfyui, workflow()).finished;
    expect(outputs).toMatchObject({ [nodeId]: { [key]: [{ filename: expect.any(String), type: "output" }] } });
  });

  test("goes under an id of ours, a lowercase uuid, and tells which nodes ran and which came from the cache", async () => {
    const comfyui = await start();
    const workflow = imageWorkflow();
    const first = await run(comfyui, workflow).finished;
    expect(first.promptId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/);
    expect(comfyui.server.jobs.map(({ promptId }) => promptId)).toEqual([first.promptId]);
    expect(first).toMatchObject({ executedNodes: ["1", "2"], cachedNodes: [], droppedOutputs: [] });
    expect(first.history).toMatchObject({ status: { status_str: "success" } });
    const second = await run(comfyui, workflow).finished;
    expect(second).toMatchObject({ executedNodes: [], outputs: first.outputs });
    expect([...second.cachedNodes].sort()).toEqual(["1", "2"]);
  });

  test("leaves no socket behind", async () => {
    const comfyui = await start();
    await run(comfyui, imageWorkflow()).finished;
    await until(() => comfyui.server.sockets === 0);
  });

  test("sends what goes along with it, and never an origin", async () => {
    const comfyui = await start();
    await run(comfyui, imageWorkflow(), { extraData: { api_key_comfy_org: "key" } }).finished;
    const request = comfyui.server.requests.find(({ path }) => path === "/prompt");
    expect(JSON.parse(String(request?.body))).toMatchObject({ extra_data: { api_key_comfy_org: "key" } });
    expect(comfyui.server.requests.filter(({ headers }) => "origin" in headers)).toEqual([]);
  });

  test("keeps a seed beyond 2^53", async () => {
    const comfyui = await start();
    const workflow = samplerWorkflow(2);
    await run(comfyui, workflow).finished;
    const request = comfyui.server.requests.find(({ path }) => path === "/prompt");
    expect(String(request?.body)).toContain(`"seed":${workflow["3"]?.inputs.seed}`);
  });

  test("goes on past a branch that was blocked", async () => {
    const comfyui = await start();
    const workflow = {
      ...imageWorkflow(),
      3: node("StandInBlock", { image: ["1", 0] }),
      4: node("SaveImage", { images: ["3", 0], filename_prefix: "blocked" }),
    };
    const { outputs } = await run(comfyui, workflow).finished;
    expect(Object.keys(outputs)).toEqual(["2"]);
  });

  test("tells what ComfyUI leaves out while it runs the rest", async () => {
    const comfyui = await start();
    const workflow = {
      ...imageWorkflow(),
      3: node("SaveImage", { images: ["4", 0], filename_prefix: "never" }, "Left out"),
      4: node("EmptyImage", { width: 0, height: 16, batch_size: 1, color: 0 }),
    };
    const { droppedOutputs, outputs } = await run(comfyui, workflow).finished;
    expect(Object.keys(outputs)).toEqual(["2"]);
    expect(droppedOutputs).toMatchObject([
      { node_id: "4", field: "width", type: "value_smaller_than_min", minimum: 1 },
    ]);
  });
});

describe("its progress", () => {
  test("goes from its start through nodes and steps, once each", async () => {
    const comfyui = await start({ msPerStep: 5 });
    const { finished, progress } = run(comfyui, samplerWorkflow(10));
    const { promptId } = await finished;
    expect(progress[0]).toEqual({ kind: "started", promptId });
    const nodes = progress.filter(({ kind }) => kind === "node");
    expect(nodes).toHaveLength(7);
    expect(nodes).toContainEqual({
      kind: "node",
      nodeId: "3",
      classType: "KSampler",
      title: "Sampler",
      done: 4,
      total: 7,
    });
    const steps = progress.filter((report) => report.kind === "step");
    expect(steps.map(({ value }) => value)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(steps[0]?.remainingSeconds).toBeUndefined();
    expect(steps[1]?.remainingSeconds).toBeGreaterThanOrEqual(0);
    const percentages = steps.map(({ percentage }) => percentage);
    expect(percentages).toEqual([...percentages].sort((left, right) => left - right));
    // The decoder and the last node are ahead, of the six that share 10 %.
    expect(percentages.at(-1)).toBe(96.6);
  });

  test("says nothing of other people's prompts", async () => {
    const comfyui = await start({ msPerStep: 2 });
    const one = run(comfyui, slowWorkflow(5));
    const other = run(comfyui, samplerWorkflow(5));
    await Promise.all([one.finished, other.finished]);
    expect(one.progress.filter(({ kind }) => kind === "step")).toHaveLength(5);
    expect(other.progress.filter(({ kind }) => kind === "node")).toHaveLength(7);
  });

  test("takes no event of another prompt for its own", async () => {
    const other = "00000000-0000-4000-8000-000000000000";
    const frames = [
      { type: "executing", data: { node: "9", prompt_id: other } },
      { type: "progress", data: { value: 1, max: 2, node: "9", prompt_id: other } },
      { type: "executing", data: { node: null, prompt_id: other } },
      { type: "executing", data: { node: "9" } },
    ];
    const { finished, progress } = run(await startBehind({ frames }), slowWorkflow(2));
    await finished;
    expect(progress.map(({ kind }) => kind)).toEqual(["started", "node", "step", "step", "node"]);
  });

  test("begins with the start where ComfyUI's answer comes after its events", async () => {
    const comfyui: Comfyui = await startBehind({
      answersPrompt: () => until(() => comfyui.server.jobs[0]?.state === "success"),
    });
    const { finished, progress } = run(comfyui, imageWorkflow());
    await finished;
    expect(progress.map(({ kind }) => kind)).toEqual(["started", "node", "node"]);
  });

  test("brings pictures of what is being made where they are asked for", async () => {
    const comfyui = await start();
    const { finished, progress } = run(comfyui, slowWorkflow(2), { previews: true });
    await finished;
    const previews = progress.filter((report) => report.kind === "preview");
    expect(previews).toHaveLength(2);
    expect(previews[0]).toMatchObject({ nodeId: "1", mimetype: "image/jpeg" });
    expect(previews[0]?.data.subarray(0, 3)).toEqual(Buffer.from([0xff, 0xd8, 0xff]));
  });

  test("brings none where ComfyUI sends them unasked", async () => {
    const comfyui = await start({ previews: true });
    const { finished, progress } = run(comfyui, slowWorkflow(2));
    await finished;
    expect(progress.filter(({ kind }) => kind === "preview")).toEqual([]);
  });
});

describe("a prompt that fails", () => {
  test("names the node, its type, and what it said", async () => {
    const comfyui = await start();
    expect(await faultOf(run(comfyui, slowWorkflow(1, { fail: "error" })))).toEqual({
      type: "execution_error",
      message: "node 1 (StandInSlow): failed on demand",
      node_id: "1",
      node_type: "StandInSlow",
      exception_type: "ValueError",
    });
  });

  test("for want of memory makes ComfyUI give it back", async () => {
    const comfyui = await start();
    expect(await faultOf(run(comfyui, slowWorkflow(1, { fail: "oom" })))).toMatchObject({ type: "out_of_memory" });
    const free = comfyui.server.requests.find(({ path }) => path === "/free");
    expect(JSON.parse(String(free?.body))).toEqual({ unload_models: true, free_memory: true });
  });

  test("because the GPU is of no use any more says so", async () => {
    const comfyui = await start();
    expect(await faultOf(run(comfyui, slowWorkflow(1, { fail: "cuda" })))).toMatchObject({ type: "gpu_failed" });
  });

  test("because somebody has interrupted it says so", async () => {
    const comfyui = await start({ msPerStep: 10 });
    const running = run(comfyui, slowWorkflow(1000));
    await until(() => running.progress.some(({ kind }) => kind === "step"));
    await comfyui.comfy.post("/interrupt", {});
    expect(await faultOf(running)).toMatchObject({ type: "interrupted" });
  });

  test("because somebody has deleted it is lost", async () => {
    const comfyui = await start({ msPerStep: 10 });
    const ahead = run(comfyui, slowWorkflow(1000));
    const waiting = run(comfyui, imageWorkflow());
    const { promptId } = await until(() => comfyui.server.jobs.find(({ state }) => state === "pending") ?? false);
    await until(() => waiting.progress.length === 1 && ahead.progress.length > 1);
    await comfyui.comfy.post("/queue", { delete: [promptId] });
    expect(await faultOf(waiting)).toMatchObject({ type: "lost" });
    ahead.abort();
    await expect(ahead.finished).rejects.toThrow();
  });
});
