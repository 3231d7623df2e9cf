import { comfyuiLogLines, llamaLogLines, sglangLogLines, tgiLogLines } from "@pyworker/testing";

const port = 18000;

/** What the model of a program says in its log when it is loaded. */
const lines: Readonly<Record<string, readonly string[]>> = {
  "every-feature": ["LOADED"],
  sglang: sglangLogLines.ready(port),
  llama: llamaLogLines.ready(port),
  tgi: tgiLogLines().ready(),
  comfyui: comfyuiLogLines.ready(port),
  wan: comfyuiLogLines.ready(port),
  ace: comfyuiLogLines.ready(port),
};

const usual = ["(APIServer pid=1) INFO:     Application startup complete."];

export const loadLinesOf = (program: string): readonly string[] => lines[program] ?? usual;
