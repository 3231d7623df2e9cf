import { type Fields, isObject } from "../server/read-body.ts";
import type { ComfyuiClient } from "./comfyui-client.ts";
import type { WrapperJob } from "./wrapper-job.ts";

const installPath = "/workspace/ComfyUI";
const base64Limit = 10 * 1024 * 1024;

/** What a prompt's history lists of files, as the wrapper passes it on; `files` stands for `images` where a node has both. */
export async function collectOutputs(history: Fields, job: WrapperJob, comfyui: ComfyuiClient): Promise<Fields[]> {
  const nodes = isObject(history.outputs) ? Object.entries(history.outputs) : [];
  const found = nodes.flatMap(([nodeId, outputs]) =>
    listsOf(outputs).flatMap(([key, items]) =>
      items
        .filter((item) => isObject(item))
        .filter(({ filename, type }) => typeof filename === "string" && type !== "temp" && type !== "preview")
        .map((item) => outputOf(item, { nodeId, key, job })),
    ),
  );
  return job.wants.base64 ? Promise.all(found.map((output) => withData(output, comfyui))) : found;
}

function listsOf(outputs: unknown): [string, unknown[]][] {
  const entries = isObject(outputs) ? Object.entries(outputs) : [];
  const hasFiles = entries.some(([key]) => key === "files");
  return entries.flatMap(([key, items]) =>
    Array.isArray(items) && !(hasFiles && key === "images") ? [[key, items] as [string, unknown[]]] : [],
  );
}

const outputOf = (item: Fields, { job, key, nodeId }: { nodeId: string; key: string; job: WrapperJob }): Fields => ({
  filename: item.filename,
  local_path: `${installPath}/output/${job.id}/${item.filename}`,
  type: item.type ?? "output",
  subfolder: item.subfolder ?? "",
  node_id: nodeId,
  output_type: key,
});

async function withData(output: Fields, comfyui: ComfyuiClient): Promise<Fields> {
  const { filename, subfolder, type } = output;
  const file = await comfyui.view({ filename: String(filename), subfolder: String(subfolder), type: String(type) });
  const bytes = Buffer.from(await file.arrayBuffer());
  if (!file.ok) {
    return { ...output, error: `File not found: ${filename}` };
  }
  return bytes.length > base64Limit
    ? { ...output, error: `File too large to inline (${bytes.length} bytes)` }
    : { ...output, data: bytes.toString("base64"), mimetype: file.headers.get("content-type") };
}
