import { realComfyuiUrl, type Workflow, workflow } from "./workflows.ts";

/** The kinds of files that go in and come out. */
export const fileKinds = ["image", "audio", "video"] as const;

export type FileKind = (typeof fileKinds)[number];

/** A workflow that reads a file, and what it puts out. */
export const reading: Readonly<Record<FileKind, (input: unknown) => Workflow>> = {
  image: (input) => workflow("fromImage", input),
  audio: (input) => workflow("fromAudio", input),
  video: (input) => ({
    "1": { class_type: "LoadVideo", inputs: { file: input } },
    "2": {
      class_type: "SaveVideo",
      inputs: { video: ["1", 0], filename_prefix: "scenario", format: "auto", codec: "auto" },
    },
  }),
};

/** A picture of a certain size. */
export function picture(width: number, height: number): Workflow {
  const made = workflow("image");
  const canvas = made["1"];
  return canvas === undefined
    ? made
    : { ...made, "1": { ...canvas, inputs: { ...canvas.inputs, width, height }, _meta: { title: "Canvas" } } };
}

/** A workflow with a seed of 64 bits. A real ComfyUI has but one node without a model that takes one. */
export const seeded = (seed: unknown): Workflow =>
  realComfyuiUrl === undefined
    ? {
        "1": { class_type: "StandInSlow", inputs: { steps: 1, fail: "", seed } },
        "2": { class_type: "SaveImage", inputs: { images: ["1", 0], filename_prefix: "seeded" } },
      }
    : {
        "1": { class_type: "RandomNoise", inputs: { noise_seed: seed } },
        "2": { class_type: "PreviewAny", inputs: { source: ["1", 0] } },
      };

/** A workflow that puts out a text. */
export const saying = (text: string): Workflow =>
  realComfyuiUrl === undefined
    ? { "1": { class_type: "StandInText", inputs: { text } } }
    : {
        "0": { class_type: "PrimitiveString", inputs: { value: text } },
        "1": { class_type: "PreviewAny", inputs: { source: ["0", 0] } },
      };

/** A file of the stand-in's, as large as one likes. */
export const bigFile = (megabytes: number): Workflow => ({
  "1": { class_type: "StandInBigFile", inputs: { megabytes, filename_prefix: "big", seed: Date.now() } },
});

/** Several workflows as one. */
export const together = (...workflows: readonly Workflow[]): Workflow =>
  Object.fromEntries(
    workflows.flatMap((one, index) =>
      Object.entries(one).map(([id, node]) => {
        const rename = (value: unknown) =>
          Array.isArray(value) && value.length === 2 ? [`${index}-${value[0]}`, value[1]] : value;
        const inputs = Object.entries(node.inputs).map(([name, value]) => [name, rename(value)]);
        return [`${index}-${id}`, { ...node, inputs: Object.fromEntries(inputs) }];
      }),
    ),
  );
