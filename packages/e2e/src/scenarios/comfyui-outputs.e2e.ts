import { afterAll, beforeAll, describe, expect } from "@jest/globals";
import type { OutputItem } from "@pyworker/comfyui";
import { createCleanUps } from "../harness/clean-up.ts";
import { bigFile, fileKinds, saying, together } from "../harness/comfyui/file-workflows.ts";
import { byHeader, generate, type JobAnswer, view } from "../harness/comfyui/job-client.ts";
import { fetchFile } from "../harness/comfyui/sample-files.ts";
import { type ComfyuiUnderTest, modes, startComfyuiWorker } from "../harness/comfyui/start-comfyui-worker.ts";
import { type Workflow, workflow } from "../harness/comfyui/workflows.ts";
import { verifies } from "../harness/verifies.ts";

/** The files of a job that must have come to a good end. */
function filesOf({ body, status }: JobAnswer): OutputItem[] {
  expect({ status, body }).toMatchObject({ status: 200, body: { status: "completed" } });
  return body.output;
}

const asBase64 = { return_outputs_as_base64: true };
const allKinds = (): Workflow => together(...fileKinds.map((kind) => workflow(kind)));

describe.each(modes)("in %s mode", (mode) => {
  let under: ComfyuiUnderTest;

  beforeAll(async () => {
    under = await startComfyuiWorker({ mode });
  });
  afterAll(() => under.stop());

  verifies(["comfyui/outputs"], "each file is told with where it lies, and nothing more", async () => {
    const files = filesOf(await generate(under.worker, allKinds()));
    expect(files.map(({ node_id, subfolder }) => ({ node_id, subfolder }))).toEqual(
      expect.arrayContaining([
        { node_id: "0-2", subfolder: "" },
        { node_id: "1-2", subfolder: "audio" },
        { node_id: "2-3", subfolder: "video" },
      ]),
    );
    expect(files).toHaveLength(3);
    for (const file of files) {
      expect(file).toMatchObject({ type: "output", output_type: expect.any(String), filename: expect.any(String) });
      expect(file.local_path).toMatch(/^\/workspace\/ComfyUI\/output\//);
      expect(file.local_path.endsWith(`/${file.filename}`)).toBe(true);
      expect([file.data, file.url, file.error, file.upload_error]).toEqual([
        undefined,
        undefined,
        undefined,
        undefined,
      ]);
    }
  });

  verifies(
    ["comfyui/base64"],
    "base64 holds the very bytes of each file, if a member or a header asks for it",
    async () => {
      const asked = filesOf(await generate(under.worker, allKinds(), asBase64));
      const headers = { "x-return-outputs-as-base64": "yes" };
      const byItsHeader = filesOf(await generate(under.worker, workflow("image"), {}, { headers }));
      expect([asked.length, byItsHeader.length]).toEqual([3, 1]);
      for (const file of [...asked, ...byItsHeader]) {
        const { bytes } = await fetchFile(under.worker, file);
        expect(bytes.length).toBeGreaterThan(0);
        expect(Buffer.from(file.data ?? "", "base64").equals(bytes)).toBe(true);
      }
      const refused = filesOf(
        await generate(under.worker, workflow("image"), {}, { headers: { "x-return-outputs-as-base64": "no" } }),
      );
      expect(refused[0]?.data).toBeUndefined();
    },
  );

  verifies(["comfyui/mimetype"], "what a file is says its content, under whatever key ComfyUI lists it", async () => {
    const files = filesOf(await generate(under.worker, allKinds(), asBase64));
    const types = Object.fromEntries(files.map(({ mimetype, node_id }) => [node_id, mimetype]));
    expect(types).toEqual({ "0-2": "image/png", "1-2": "audio/mpeg", "2-3": "video/mp4" });
    expect(files.find(({ node_id }) => node_id === "2-3")?.output_type).toBe("images");
  });

  verifies(["comfyui/view-range"], "a part of a file can be fetched", async () => {
    const [file] = filesOf(await generate(under.worker, workflow("video")));
    const { bytes } = await fetchFile(under.worker, file);
    const path = view(file ?? Object.create(null));
    const part = await fetch(under.worker.url + path, { headers: { ...byHeader(under.worker), range: "bytes=10-29" } });
    expect([part.status, part.headers.get("content-range")]).toEqual([206, `bytes 10-29/${bytes.length}`]);
    expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(10, 30))).toBe(true);
  });

  if (mode === "direct") {
    verifies(["comfyui/mimetype"], "it is told without the content too", async () => {
      const files = filesOf(await generate(under.worker, allKinds()));
      expect(files.map(({ mimetype }) => mimetype).sort()).toEqual(["audio/mpeg", "image/png", "video/mp4"]);
    });

    verifies(["comfyui/texts"], "texts are told apart from files", async () => {
      const text = `a text ${Date.now()}`;
      const { body, status } = await generate(under.worker, together(saying(text), workflow("image")));
      expect({ status, body }).toMatchObject({
        status: 200,
        body: { status: "completed", output: [{ node_id: "1-2" }], texts: [{ node_id: "0-1", text }] },
      });
      const alone = await generate(under.worker, saying(`${text} alone`));
      expect(alone).toMatchObject({ status: 200, body: { output: [], texts: [{ text: `${text} alone` }] } });
    });

    verifies(["comfyui/temp"], "previews are told where there is nothing else, or they are asked for", async () => {
      const [only, ...others] = filesOf(await generate(under.worker, workflow("preview")));
      expect([only?.type, others]).toEqual(["temp", []]);
      expect(only?.local_path).toMatch(/^\/workspace\/ComfyUI\/temp\//);
      expect((await fetchFile(under.worker, only)).type).toBe("image/png");
      const both = () => together(workflow("image"), workflow("preview"));
      const saved = filesOf(await generate(under.worker, both()));
      expect(saved.map(({ type }) => type)).toEqual(["output"]);
      const all = filesOf(await generate(under.worker, both(), { include_temp: true, ...asBase64 }));
      expect(all.map(({ type }) => type).sort()).toEqual(["output", "temp"]);
      expect(all.every(({ data }) => data !== undefined)).toBe(true);
    });
  }
});

describe("limits", () => {
  const cleanUp = createCleanUps();

  verifies(["comfyui/base64-limit"], "a file that is too large for base64 says so, and the others come", async () => {
    const under = await startComfyuiWorker({ mode: "direct", env: { OUTPUT_BASE64_MAX_BYTES: "1000" } });
    cleanUp(() => under.stop());
    const small = workflow("image");
    const large = workflow("audio");
    const files = filesOf(await generate(under.worker, together(small, large), asBase64));
    const [tooLarge] = files.filter(({ error }) => error !== undefined);
    expect(files).toHaveLength(2);
    expect(tooLarge?.error).toMatch(/more than the 1000 that are sent as base64.*OUTPUT_BASE64_MAX_BYTES/);
    expect(tooLarge?.data).toBeUndefined();
    const { bytes } = await fetchFile(under.worker, tooLarge);
    expect(bytes.length).toBeGreaterThan(1000);
    const [fitting] = files.filter(({ data }) => data !== undefined);
    expect(Buffer.from(fitting?.data ?? "", "base64").length).toBeLessThanOrEqual(1000);
  });

  verifies(["comfyui/base64-limit"], "with a wrapper, its limit holds", async () => {
    const under = await startComfyuiWorker({ mode: "wrapper", standInOnly: true });
    cleanUp(() => under.stop());
    const [file] = filesOf(await generate(under.worker, bigFile(11), asBase64));
    expect(file?.error).toEqual(expect.any(String));
    expect(file?.data).toBeUndefined();
  });
});

describe("custom nodes", () => {
  const cleanUp = createCleanUps();

  verifies(["comfyui/mimetype"], "films under gifs, and files of any kind, are files", async () => {
    const under = await startComfyuiWorker({ mode: "direct", standInOnly: true });
    cleanUp(() => under.stop());
    const combine = {
      class_type: "VHS_VideoCombine",
      inputs: {
        ...{ images: ["1", 0], frame_rate: 8, loop_count: 0, filename_prefix: "a/b/vhs", format: "video/h264-mp4" },
        ...{ pingpong: false, save_output: true },
      },
    };
    const film = {
      "1": { class_type: "EmptyImage", inputs: { width: 64, height: 64, batch_size: 4, color: 7 } },
      "2": combine,
    };
    const files = filesOf(await generate(under.worker, together(film, bigFile(1)), asBase64));
    const [first, second] = files.sort((one, other) => one.node_id.localeCompare(other.node_id));
    expect(first).toMatchObject({ output_type: "gifs", mimetype: "video/mp4", subfolder: "a/b" });
    expect(first?.local_path).toBe(`/workspace/ComfyUI/output/a/b/${first?.filename}`);
    expect(second).toMatchObject({ output_type: "files", mimetype: "application/octet-stream" });
    expect(Buffer.from(second?.data ?? "", "base64")).toHaveLength(1024 * 1024);
  });
});
