import { expect, test } from "@jest/globals";
import { collectOutputs } from "./collect-outputs.ts";

const output = (filename: string, subfolder = "") => ({ filename, subfolder, type: "output" });

test("files are found under whatever key a node lists them", () => {
  const { files } = collectOutputs({
    "9": { images: [output("a_00001_.png"), output("a_00002_.png")] },
    "98": { images: [output("ComfyUI_00001_.mp4", "video")], animated: [true] },
    "59": { audio: [output("ComfyUI_00001_.mp3", "audio")] },
    "12": { gifs: [{ ...output("clip.mp4"), format: "video/h264-mp4", frame_rate: 16 }] },
    "77": { of_my_own: [output("scene.glb", "3d")] },
  });
  expect(files.map(({ filename, nodeId, outputType }) => [nodeId, outputType, filename])).toEqual(
    expect.arrayContaining([
      ["9", "images", "a_00001_.png"],
      ["9", "images", "a_00002_.png"],
      ["98", "images", "ComfyUI_00001_.mp4"],
      ["59", "audio", "ComfyUI_00001_.mp3"],
      ["12", "gifs", "clip.mp4"],
      ["77", "of_my_own", "scene.glb"],
    ]),
  );
  expect(files).toHaveLength(6);
  expect(files.find(({ nodeId }) => nodeId === "98")).toEqual({
    nodeId: "98",
    outputType: "images",
    filename: "ComfyUI_00001_.mp4",
    subfolder: "video",
    type: "output",
  });
});

test("a file that a node lists under `images` and `files` is one file, under `files`", () => {
  const node = { images: [output("a.webp"), output("b.png")], files: [output("a.webp")] };
  const { files } = collectOutputs({ "1": node });
  expect(files.map(({ filename, outputType }) => [filename, outputType])).toEqual([
    ["a.webp", "files"],
    ["b.png", "images"],
  ]);
});

test("files of the same name in different folders are different files", () => {
  const { files } = collectOutputs({ "1": { images: [output("a.png", "x"), output("a.png", "y")] } });
  expect(files.map(({ subfolder }) => subfolder)).toEqual(["x", "y"]);
});

test("previews are left out, unless asked for", () => {
  const outputs = { "1": { images: [{ ...output("p.png"), type: "temp" }] }, "2": { images: [output("a.png")] } };
  expect(collectOutputs(outputs).files.map(({ filename }) => filename)).toEqual(["a.png"]);
  expect(collectOutputs(outputs, { includeTemp: true }).files.map(({ type }) => type)).toEqual(["temp", "output"]);
});

test("strings in lists are texts", () => {
  expect(collectOutputs({ "5": { text: ["a caption", ""], result: ["3d/scene.glb"] } })).toEqual({
    files: [],
    texts: [
      { node_id: "5", output_type: "text", text: "a caption" },
      { node_id: "5", output_type: "text", text: "" },
      { node_id: "5", output_type: "result", text: "3d/scene.glb" },
    ],
  });
});

test("a file without folder or type is in the output folder itself", () => {
  expect(collectOutputs({ "1": { images: [{ filename: "a.png" }] } }).files).toEqual([
    { filename: "a.png", subfolder: "", type: "output", nodeId: "1", outputType: "images" },
  ]);
});

test.each([
  undefined,
  null,
  7,
  "outputs",
  [],
  [{ images: [output("a.png")] }],
  {},
  { "1": null },
  { "1": [output("a.png")] },
  { "1": { images: null, animated: true, text: "loose" } },
  { "1": { images: [null, 3, [], [output("a.png")], {}, { filename: 5 }, { filename: "" }, { filename: null }] } },
])("whatever else the history holds is passed over: %j", (outputs) => {
  expect(collectOutputs(outputs)).toEqual({ files: [], texts: [] });
});
