import type { ComfyFile } from "../comfy/comfy-http.ts";
import type { TextOutput } from "../jobs/result.ts";

/** A file that a node lists in the history. */
export interface FoundOutput extends ComfyFile {
  nodeId: string;
  /** The key under which the node lists it. */
  outputType: string;
}

interface CollectOptions {
  /** Whether previews count, which ComfyUI keeps in its `temp` folder. Default: no. */
  includeTemp?: boolean;
}

/**
 * The files and texts in the `outputs` of a history entry. Custom nodes choose their keys and shapes as they like: every
 * list of whatever key counts, and what looks like neither a file nor a text is passed over.
 */
export function collectOutputs(
  outputs: unknown,
  { includeTemp = false }: CollectOptions = {},
): { files: FoundOutput[]; texts: TextOutput[] } {
  const files: FoundOutput[] = [];
  const texts: TextOutput[] = [];
  for (const [nodeId, node] of entriesOf(outputs)) {
    const found = entriesOf(node).flatMap(([outputType, items]) => listOf(items).map((item) => ({ outputType, item })));
    files.push(
      ...withoutRepeats(
        found.flatMap(({ item, outputType }) => {
          const file = fileOf(item);
          return file === undefined ? [] : [{ ...file, nodeId, outputType }];
        }),
      ),
    );
    for (const { item, outputType } of found) {
      if (typeof item === "string") {
        texts.push({ node_id: nodeId, output_type: outputType, text: item });
      }
    }
  }
  return { files: files.filter(({ type }) => includeTemp || type !== "temp"), texts };
}

/** Some nodes list a file under `images` for the editor's sake, and again under `files`: the latter is what they mean. */
function withoutRepeats(files: readonly FoundOutput[]): FoundOutput[] {
  const meant = new Map<string, FoundOutput>();
  for (const file of files) {
    const name = JSON.stringify([file.type, file.subfolder, file.filename]);
    if (!meant.has(name) || file.outputType === "files") {
      meant.set(name, file);
    }
  }
  return [...meant.values()];
}

function fileOf(item: unknown): ComfyFile | undefined {
  const { filename, subfolder, type } = Object.fromEntries(entriesOf(item));
  if (typeof filename !== "string" || filename === "") {
    return undefined;
  }
  return {
    filename,
    subfolder: typeof subfolder === "string" ? subfolder : "",
    type: typeof type === "string" && type !== "" ? type : "output",
  };
}

const entriesOf = (value: unknown): [string, unknown][] =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
