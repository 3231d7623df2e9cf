import { describe, expect, test } from "@jest/globals";
import { comfyuiLogActions } from "./log-actions.ts";
import { meaningOf } from "./meaning-of.test.fixture.ts";

const meaning = (line: string) => meaningOf(comfyuiLogActions, line);

const fatal = [
  "Exception in thread Thread-12 (prompt_worker):",
  "RuntimeError: CUDA error: an illegal memory access was encountered",
  "torch.AcceleratorError: CUDA error: unspecified launch failure",
  "RuntimeError: CUDA error: device-side assert triggered",
  "RuntimeError: CUDA error: misaligned address",
  "RuntimeError: CUDA error: invalid device function",
  "torch.AcceleratorError: CUDA error: invalid configuration argument",
  "RuntimeError: Triton Error [CUDA]: device kernel image is invalid",
  "RuntimeError: cuda runtime error (77) : an illegal memory access was encountered at /tmp/x.cu:17",
];

const wrong = [
  "[ERROR] Provisioning Script failed at line 87 with exit code 22",
  "[2026-11-24 09:42:25] [ERROR] Provisioning Script failed at line 87 with exit code 22",
];

const suspect = [
  "Port 18188 is already in use on address 127.0.0.1.",
  "[ERROR] Port 18188 is already in use on address 0.0.0.0.",
  "\u001b[1m\u001b[31m[ERROR]\u001b[0m Port 18188 is already in use on address 0.0.0.0.",
  "ASSETS_STARTUP_FAILED: in_use",
  "[ERROR] ASSETS_STARTUP_FAILED: newer_revision",
  "!!! Exception during processing !!! Error while deserializing header: MetadataIncompleteBuffer",
  "[ERROR] !!! Exception during processing !!! Error while deserializing header: incomplete metadata, file not fully covered",
  "safetensors_rust.SafetensorError: Error while deserializing header: MetadataIncompleteBuffer",
  "ValueError: Error while deserializing header: MetadataIncompleteBuffer",
  "safetensors_rust.SafetensorError: Error while deserializing header: incomplete metadata, file not fully covered",
];

const loaded = [
  "To see the GUI go to: http://127.0.0.1:18188",
  "[INFO] To see the GUI go to: http://0.0.0.0:18188",
  "To see the GUI go to: https://[::]:18188",
];

test.each(loaded)("ComfyUI serves: %s", (line) => {
  expect(meaning(line)).toBe("load");
  expect(meaning(`${line}\r`)).toBe("load");
});

test.each(fatal)("ComfyUI is of no more use: %s", (line) => {
  expect(meaning(line)).toBe("fatal");
});

test.each(wrong)("it has gone wrong: %s", (line) => {
  expect(meaning(line)).toBe("error");
});

test.each(suspect)("it looks like that: %s", (line) => {
  expect(meaning(line)).toBe("suspect");
});

test.each(['{"message":"Downloading model.safetensors","level":"info"}', "Downloading: model.safetensors 12%"])(
  "how far a start has got is worth telling: %s",
  (line) => {
    expect(meaning(line)).toBe("info");
  },
);

test.each([
  "Total VRAM 24564 MB, total RAM 64218 MB",
  "Starting server",
  "got prompt",
  "Failed to validate prompt for output 9:",
  "* CheckpointLoaderSimple 4:",
  "  - Value not in list: ckpt_name: 'nothing.safetensors' not in ['v1-5-pruned-emaonly-fp16.safetensors']",
  "Output will be ignored",
  "invalid prompt: {'type': 'prompt_outputs_failed_validation', 'message': 'Prompt outputs failed validation'}",
  "!!! Exception during processing !!! Allocation on device",
  "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.",
  "torch.cuda.OutOfMemoryError: Allocation on device",
  "RuntimeError: CUDA error: out of memory",
  "RuntimeError: Triton Error [CUDA]: out of memory",
  "RuntimeError: cuda runtime error (2) : out of memory at /tmp/x.cu:58",
  "Got an OOM, unloading all loaded models.",
  "Traceback (most recent call last):",
  "Processing interrupted",
  "Prompt executed in 12.34 seconds",
  "Exception in thread Thread-3 (download_worker):",
  "/venv/main/lib/python3.12/site-packages: this card may give CUDA error: invalid device function",
])("a request's own failure, and what is none, mean nothing: %s", (line) => {
  expect(meaning(line)).toBeUndefined();
});

/** All places in ComfyUI's log that repeat what a request holds. */
const echoes = {
  "a value that is not in a list": (words: string) =>
    `  - Value not in list: sampler_name: '${words}' not in ['euler']`,
  "a value that a node refuses": (words: string) => `  - Custom validation failed for node: image - ${words}`,
  "a missing node": (words: string) =>
    `invalid prompt: {'type': 'invalid_prompt', 'message': 'Cannot execute because node ${words} does not exist.'}`,
  "a node's own error": (words: string) => `!!! Exception during processing !!! cannot open ${words}`,
  "the last line of its trace": (words: string) => `ValueError: ${words}`,
  "a print of a node": (words: string) => `prompt is "${words}"`,
};

describe.each(Object.entries(echoes))("a request can't speak as ComfyUI, by %s", (_place, echo) => {
  test.each([...fatal, ...suspect, ...loaded])("%s", (line) => {
    // The error that an uploaded file causes reads the same, whatever words stand in it: health decides.
    const isFileError = echo("") === "ValueError: " && line.startsWith("Error while");
    expect(meaning(echo(line))).toBe(isFileError ? "suspect" : undefined);
  });
});
