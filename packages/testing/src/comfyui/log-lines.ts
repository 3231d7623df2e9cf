/** Lines as ComfyUI 0.3 writes them: messages without a head. */
export interface ComfyuiLogLines {
  starting(): string[];
  loading(): string[];
  /** The last of these says that it is ready. */
  ready(port: number): string[];
  gotPrompt(): string[];
  invalidPrompt(error: object): string[];
  /** An output that can't be made, with what is wrong with which node. */
  invalidOutput(output: string, faults: readonly string[]): string[];
  executed(seconds: number): string[];
  /** A node has failed. */
  exception(type: string, message: string): string[];
  outOfMemory(): string[];
  interrupted(): string[];
  interrupting(promptId: string | undefined): string[];
  notRunning(promptId: string): string[];
  /** The thread that runs the prompts dies; the routes go on. */
  deadWorker(): string[];
  portInUse(port: number): string[];
  /** A model's file isn't whole; the prompt that needs it fails. */
  truncatedModel(): string[];
}

const traceback = "Traceback (most recent call last):";

export const comfyuiLogLines: ComfyuiLogLines = {
  starting: () => [
    "Total VRAM 24576 MB, total RAM 65536 MB",
    "pytorch version: 2.8.0+stand-in",
    "Set vram state to: NORMAL_VRAM",
    "Device: cuda:0 stand-in : native",
    "Python version: 3.12.0 (stand-in)",
    "ComfyUI version: 0.3.64",
  ],
  loading: () => [
    "[Prompt Server] web root: /opt/stand-in/web",
    "",
    "Import times for custom nodes:",
    "   0.0 seconds: /opt/stand-in/custom_nodes/websocket_image_save.py",
    "",
  ],
  ready: (port) => ["Starting server", "", `To see the GUI go to: http://127.0.0.1:${port}`],
  gotPrompt: () => ["got prompt"],
  invalidPrompt: (error) => [`invalid prompt: ${JSON.stringify(error)}`],
  invalidOutput: (output, faults) => [
    `Failed to validate prompt for output ${output}:`,
    ...faults,
    "Output will be ignored",
  ],
  executed: (seconds) => [`Prompt executed in ${seconds.toFixed(2)} seconds`],
  exception: (type, message) => [
    `!!! Exception during processing !!! ${message}`,
    traceback,
    '  File "/opt/stand-in/execution.py", line 1, in execute',
    `${type}: ${message}`,
    "",
  ],
  outOfMemory: () => ["Got an OOM, unloading all loaded models."],
  interrupted: () => ["Processing interrupted"],
  interrupting: (promptId) =>
    promptId === undefined ? ["Global interrupt (no prompt_id specified)"] : [`Interrupting prompt ${promptId}`],
  notRunning: (promptId) => [`Prompt ${promptId} is not currently running, skipping interrupt`],
  deadWorker: () => [
    "Exception in thread Thread-1 (prompt_worker):",
    traceback,
    '  File "/opt/stand-in/main.py", line 1, in prompt_worker',
    "RuntimeError: the stand-in's worker dies on demand",
  ],
  portInUse: (port) => [`Port ${port} is already in use on address 127.0.0.1`],
  truncatedModel: () => [
    ...comfyuiLogLines.exception(
      "safetensors_rust.SafetensorError",
      "Error while deserializing header: incomplete metadata, file not fully covered",
    ),
  ],
};
