import { choice, flag, int, integerOf, link, type NodeClass, NodeFailure, seed, text } from "./node-class.ts";

const failures: Readonly<Record<string, () => NodeFailure>> = {
  error: () => new NodeFailure("ValueError", "failed on demand"),
  oom: () => new NodeFailure("torch.OutOfMemoryError", "CUDA out of memory. Tried to allocate 2.00 GiB."),
  cuda: () => new NodeFailure("torch.AcceleratorError", "CUDA error: an illegal memory access was encountered"),
};

/** Nodes for tests: no ComfyUI has them. */
export const standInNodes: Readonly<Record<string, NodeClass>> = {
  /** A picture that takes its time, and fails after that where asked to. */
  StandInSlow: {
    category: "stand-in",
    required: { steps: int({ from: 0, to: 100_000, initial: 10 }), seed: seed() },
    optional: { fail: choice(["", ...Object.keys(failures)]), image: link("IMAGE") },
    outputs: ["IMAGE"],
    steps: (inputs) => integerOf(inputs.steps),
    run: ({ inputs, media }) => {
      const failure = failures[String(inputs.fail ?? "")];
      if (failure !== undefined) {
        throw failure();
      }
      return { media: { width: 64, height: 64, ...media } };
    },
  },
  StandInText: {
    category: "stand-in",
    required: { text: text("") },
    outputs: ["STRING"],
    isOutput: true,
    run: ({ inputs }) => ({ media: { text: String(inputs.text) }, ui: { text: [String(inputs.text)] } }),
  },
  /** Lets nothing behind it run where it blocks; the prompt goes on. */
  StandInBlock: {
    category: "stand-in",
    required: { image: link("IMAGE") },
    optional: { block: flag(true), message: text("blocked on demand") },
    outputs: ["IMAGE"],
    run: ({ inputs, media }) =>
      inputs.block === false ? { media } : { block: String(inputs.message ?? "blocked on demand") },
  },
  StandInBigFile: {
    category: "stand-in",
    required: { megabytes: int({ from: 1, to: 10_000, initial: 1 }), filename_prefix: text("big") },
    optional: { seed: seed(), extension: text("bin") },
    outputs: [],
    isOutput: true,
    run: async ({ files, inputs }) => {
      const { extension = "bin", filename_prefix: prefix, megabytes, seed: from } = inputs;
      const file = await files.save({
        type: "output",
        prefix: String(prefix),
        ending: `_.${extension}`,
        bytes: bigFileChunks(integerOf(megabytes), integerOf(from)),
      });
      return { ui: { files: [file] } };
    },
  },
};

/** The content of a big file, megabyte by megabyte: none like the one before it. */
export function* bigFileChunks(megabytes: number, from = 0): Generator<Buffer> {
  for (let index = 0; index < megabytes; index += 1) {
    const chunk = Buffer.alloc(1024 * 1024, (from + index) & 255);
    chunk.writeUInt32BE(index);
    yield chunk;
  }
}
