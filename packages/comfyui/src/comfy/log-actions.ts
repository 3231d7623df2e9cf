import type { LogActions, LogPattern } from "@pyworker/core";
import { messageLine } from "./log-line.ts";

/** After these a GPU computes nothing more in the same process. */
const gpuFaults = [
  "an illegal memory access was encountered",
  "unspecified launch failure",
  "device-side assert triggered",
  "misaligned address",
  "invalid device function",
  "invalid configuration argument",
];

/** The line of a traceback that names the error. What comes before its trace also repeats a node's own messages. */
const torchError = String.raw`(?:torch\.AcceleratorError|RuntimeError): `;

const deserializing = String.raw`(?:!!! Exception during processing !!! )?(?:[\w.]+Error: )?Error while deserializing header: `;

/**
 * Lines of ComfyUI itself. A value that is not in a list and memory that ran out are a request's own failures. A message
 * of ComfyUI may hold a line break that a request has brought: an error that shows in ComfyUI's health as well is only
 * suspected.
 */
export const comfyuiLogActions: LogActions = {
  onLoad: [{ text: "To see the GUI go to: ", line: messageLine(String.raw`To see the GUI go to: https?://\S+$`) }],
  onFatal: [
    // ComfyUI goes on answering 200, and runs nothing again.
    { text: "(prompt_worker):", line: messageLine(String.raw`Exception in thread \S+ \(prompt_worker\):$`) },
    ...gpuFaults.map(gpuFault),
    {
      text: "Triton Error [CUDA]: ",
      line: messageLine(String.raw`${torchError}Triton Error \[CUDA\]: (?!out of memory)`),
    },
    ...["cuda runtime error", "CUDA runtime error"].map((text) => ({
      text,
      line: messageLine(`${torchError}${text}(?!.*out of memory)`),
    })),
  ],
  onError: [{ text: "[ERROR] Provisioning Script failed", line: messageLine("Provisioning Script failed") }],
  onSuspect: [
    { text: "is already in use on address", line: messageLine(String.raw`Port \d+ is already in use on address `) },
    { text: "ASSETS_STARTUP_FAILED: ", line: messageLine(String.raw`ASSETS_STARTUP_FAILED: \w+$`) },
    // A truncated model file; but the file may be one that a request has uploaded.
    { text: "MetadataIncompleteBuffer", line: messageLine(`${deserializing}MetadataIncompleteBuffer`) },
    {
      text: "incomplete metadata, file not fully covered",
      line: messageLine(`${deserializing}incomplete metadata, file not fully covered`),
    },
  ],
  onInfo: ['"message":"Downloading', "Downloading:"],
};

function gpuFault(message: string): LogPattern {
  return { text: `CUDA error: ${message}`, line: messageLine(`${torchError}CUDA error: ${message}`) };
}
