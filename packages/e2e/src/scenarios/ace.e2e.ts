import { afterAll, beforeAll, describe, expect } from "@jest/globals";
import type { OutputItem } from "@pyworker/comfyui";
import { aceWorkflow, newerAceWorkflow } from "../harness/comfyui/ace-workflow.ts";
import { generate, generateLater, inStatus, resultOf } from "../harness/comfyui/job-client.ts";
import { isMp3, readEvents, readFile } from "../harness/comfyui/read-all.ts";
import { type ComfyuiUnderTest, modes, startComfyuiWorker } from "../harness/comfyui/start-comfyui-worker.ts";
import { verifies } from "../harness/verifies.ts";

const song = { tags: "folk, fiddle, 96 bpm", lyrics: "[verse]\nOh the kettle is on\n[outro]" };

describe.each(modes)("in %s mode", (mode) => {
  let under: ComfyuiUnderTest;

  beforeAll(async () => {
    under = await startComfyuiWorker({ program: "ace", mode, standInOnly: true, comfyui: { msPerStep: 3 } });
  });
  afterAll(() => under.stop());

  /** Has a piece made, and returns the workflow that ComfyUI was sent. */
  async function received(typed: Record<string, unknown>): Promise<Record<string, unknown>> {
    const { body, status } = await generate(under.worker, {}, typed);
    expect({ status, body }).toMatchObject({ status: 200, body: { status: "completed" } });
    return under.comfyui.jobs.at(-1)?.workflow ?? {};
  }

  /** What a file is, by what it begins with and by what it is served as. */
  async function expectSong(file: OutputItem | undefined): Promise<void> {
    expect(file).toMatchObject({ output_type: "audio", subfolder: "audio", filename: expect.stringMatching(/\.mp3$/) });
    const { bytes, type } = await readFile(under.worker, file);
    expect([type, isMp3(bytes)]).toEqual(["audio/mpeg", true]);
  }

  verifies(["ace/typed"], "tags alone become the workflow that Vast ships, with its settings", async () => {
    const workflow = await received({ tags: song.tags, seed: 5 });
    const expected = aceWorkflow({ tags: song.tags, seed: 5 });
    expect(Object.keys(workflow).toSorted()).toEqual(Object.keys(expected).toSorted());
    expect(workflow).toMatchObject(expected);
  });

  verifies(["ace/typed"], "every field of a request reaches its node", async () => {
    const settings = { lyrics_strength: 0.5, seconds: 30.1, steps: 27, cfg: 4.5, seed: 77, model: "1" };
    expect(await received({ ...song, ...settings })).toMatchObject({
      14: { inputs: { ...song, lyrics_strength: 0.5 } },
      17: { inputs: { seconds: 30.1, batch_size: 1 } },
      50: { inputs: { multiplier: 1.15 } },
      51: { inputs: { shift: 6 } },
      52: { inputs: { seed: 77, steps: 27, cfg: 4.5, sampler_name: "er_sde", scheduler: "linear_quadratic" } },
    });
  });

  verifies(["ace/variants"], "the variant of fifty steps has the settings of ComfyUI's template", async () => {
    expect(await received({ ...song, variant: "50-step" })).toMatchObject({
      17: { inputs: { seconds: 120 } },
      50: { inputs: { multiplier: 1 } },
      51: { inputs: { shift: 5 } },
      52: { inputs: { steps: 50, cfg: 5, sampler_name: "euler", scheduler: "simple" } },
    });
  });

  verifies(["typed/seed"], "a seed of 64 bits arrives as it was sent; without one each job draws its own", async () => {
    const seed = 2n ** 64n - 1n;
    expect(await received({ ...song, seed: String(seed) })).toMatchObject({ 52: { inputs: { seed } } });
    const [one, other] = [await received(song), await received(song)];
    expect(one["52"]).not.toEqual(other["52"]);
    expect({ ...one, 52: {} }).toEqual({ ...other, 52: {} });
  });

  verifies(["ace/routes"], "/generate/sync answers with an MP3, for fields and for a workflow", async () => {
    const more = { return_outputs_as_base64: true };
    const typed = await generate(under.worker, {}, { ...song, ...more });
    const free = await generate(under.worker, aceWorkflow({ ...song, seed: Date.now() }), more);
    for (const { body, status } of [typed, free]) {
      expect([status, body.output.length]).toEqual([200, 1]);
      const [file] = body.output;
      expect(file?.mimetype).toBe("audio/mpeg");
      expect(isMp3(Buffer.from(file?.data ?? "", "base64"))).toBe(true);
      await expectSong(file);
    }
  });

  verifies(["ace/routes"], "/generate/stream tells of the steps, and ends with the MP3", async () => {
    for (const [workflow, typed] of [
      [{}, song],
      [aceWorkflow({ ...song, seed: Date.now() }), {}],
    ] as const) {
      const events = await readEvents(under.worker, workflow, typed);
      expect(events.some(({ progress }) => progress?.max === 65)).toBe(true);
      const last = events.at(-1);
      expect(last).toMatchObject({ status: "final_result", result: { status: "completed" } });
      await expectSong(last?.result?.output[0]);
    }
  });

  verifies(["ace/routes"], "/generate answers at once, and the MP3 is there when it is asked about", async () => {
    for (const [workflow, typed] of [
      [{}, song],
      [aceWorkflow({ ...song, seed: Date.now() }), {}],
    ] as const) {
      const id = await generateLater(under.worker, workflow, typed);
      await inStatus(under.worker, id, "completed");
      await expectSong((await resultOf(under.worker, id)).body.output[0]);
    }
  });

  verifies(["typed/faults"], "what is wrong is named by its field, with the nearest value that would do", async () => {
    const before = under.comfyui.jobs.length;
    const cases: [typed: Record<string, unknown>, field: string, words: string][] = [
      [{ tags: "  " }, "tags", "expected tags"],
      [{ lyrics: 5 }, "lyrics", "expected string"],
      [{ lyrics_strength: 11 }, "lyrics_strength", "10"],
      [{ seconds: 30.26 }, "seconds", "use 30.3 or 30.2"],
      [{ seconds: 0 }, "seconds", "use 1"],
      [{ seconds: 300 }, "seconds", "use 240"],
      [{ steps: 101 }, "steps", "use 100"],
      [{ steps: 0 }, "steps", "use 1"],
      [{ cfg: -1 }, "cfg", "0"],
      [{ seed: 1.5 }, "seed", "expected a whole number"],
      [{ variant: "4-step" }, "variant", "65-step"],
      [{ model: "1.5" }, "model", "send an ACE-Step 1.5 workflow as `workflow_json`"],
      [{ model: 2 }, "model", 'typed requests run ACE-Step v1 ("1"), not 2'],
    ];
    for (const [typed, field, words] of cases) {
      const { body, status } = await generate(under.worker, {}, { ...song, ...typed });
      expect({ typed, status, body }).toEqual({
        typed,
        status: 422,
        body: { payload: { [`input.${field}`]: expect.stringContaining(words) } },
      });
    }
    expect(under.comfyui.jobs).toHaveLength(before);
  });

  verifies(["typed/unknown"], "a field that isn't known is named, with those that are", async () => {
    const { body, status } = await generate(under.worker, {}, { ...song, negative_prompt: "noise" });
    expect({ status, body }).toEqual({
      status: 422,
      body: { payload: { input: expect.stringMatching(/^unknown "negative_prompt"; known: tags, lyrics, /) } },
    });
  });

  verifies(["typed/exclusive"], "fields and a workflow together are refused, and neither is", async () => {
    const both = await generate(under.worker, aceWorkflow({ ...song, seed: 1 }), song);
    expect(both).toEqual({
      status: 422,
      body: { payload: { input: "workflow_json and tags exclude each other: give one of them" } },
    });
    const neither = await generate(under.worker, {}, { tags: "", lyrics: song.lyrics });
    expect(neither).toEqual({
      status: 422,
      body: { payload: { input: "nothing to do: give one of workflow_json, modifier, tags" } },
    });
  });

  verifies(
    ["ace/newer"],
    "a workflow for ACE-Step 1.5 goes to ComfyUI, and what that refuses is explained",
    async () => {
      const before = under.comfyui.requests.filter(({ path }) => path.endsWith("/prompt")).length;
      const { body, status } = await generate(under.worker, newerAceWorkflow({ ...song, seed: 1 }));
      expect(under.comfyui.requests.filter(({ path }) => path.endsWith("/prompt"))).toHaveLength(before + 1);
      expect({ status, body }).toMatchObject({
        status: 400,
        body: { status: "failed", error: { type: "invalid_workflow" } },
      });
      expect(body.message).toContain(
        "this is a workflow for ACE-Step 1.5, by node 14 (TextEncodeAceStepAudio1.5), node 17 (EmptyAceStep1.5LatentAudio)",
      );
      expect(body.message).toContain("it runs where ComfyUI has these nodes and the models of 1.5");
    },
  );
});
