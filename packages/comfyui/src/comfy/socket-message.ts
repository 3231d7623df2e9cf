import { z } from "zod";

/** One node's counter, out of `progress_state`. */
export interface NodeProgress {
  nodeId: string;
  /** The node of the workflow that it belongs to: nodes may expand into others. */
  displayId: string;
  value: number;
  max: number;
  /** `running`, `finished` or `error`. */
  state: string;
}

/** What ComfyUI says on its socket, as far as it matters here. */
export type SocketMessage =
  /** The greeting, and whenever the queue's length changes. */
  | { type: "status" }
  | { type: "cached"; promptId: string; nodes: string[] }
  /** `nodeId` null: the prompt has ended, and is in the history. */
  | { type: "executing"; promptId: string; nodeId: string | null; displayId: string | null }
  | { type: "progress"; promptId: string; nodeId: string; value: number; max: number }
  | { type: "progress_state"; promptId: string; nodes: NodeProgress[] }
  | { type: "preview"; promptId: string | undefined; nodeId: string | undefined; mimetype: string; data: Buffer };

/** Reads a frame; undefined for what doesn't matter here or makes no sense. */
export function parseSocketMessage(frame: Buffer, isBinary: boolean): SocketMessage | undefined {
  return isBinary ? readBinary(frame) : jsonSchema.safeParse(readJson(frame.toString("utf8"))).data;
}

const promptId = z.string();
const counter = { value: z.number(), max: z.number() };

const nodeStateSchema = z
  .looseObject({ ...counter, state: z.string(), node_id: z.string(), display_node_id: z.string().nullish() })
  .transform(
    ({ display_node_id, max, node_id, state, value }): NodeProgress => ({
      nodeId: node_id,
      displayId: display_node_id ?? node_id,
      value,
      max,
      state,
    }),
  );

const jsonSchema = z.union([
  z.object({ type: z.literal("status") }),
  z
    .object({
      type: z.literal("execution_cached"),
      data: z.object({ prompt_id: promptId, nodes: z.array(z.string()) }),
    })
    .transform(({ data }) => ({ type: "cached" as const, promptId: data.prompt_id, nodes: data.nodes })),
  z
    .object({
      type: z.literal("executing"),
      data: z.object({ prompt_id: promptId, node: z.string().nullable(), display_node: z.string().nullish() }),
    })
    .transform(({ data, type }) => ({
      type,
      promptId: data.prompt_id,
      nodeId: data.node,
      displayId: data.display_node ?? data.node,
    })),
  z
    .object({ type: z.literal("progress"), data: z.object({ ...counter, prompt_id: promptId, node: z.string() }) })
    .transform(({ data: { max, node, prompt_id, value }, type }) => ({
      type,
      promptId: prompt_id,
      nodeId: node,
      value,
      max,
    })),
  z
    .object({
      type: z.literal("progress_state"),
      data: z.object({ prompt_id: promptId, nodes: z.record(z.string(), nodeStateSchema) }),
    })
    .transform(({ data, type }) => ({ type, promptId: data.prompt_id, nodes: Object.values(data.nodes) })),
]);

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const binaryTypes = { preview: 1, previewWithMetadata: 4 };
const imageTypes: Record<number, string> = { 1: "image/jpeg", 2: "image/png" };

function readBinary(frame: Buffer): SocketMessage | undefined {
  if (frame.length < 8) {
    return undefined;
  }
  const [type, second, rest] = [frame.readUInt32BE(0), frame.readUInt32BE(4), frame.subarray(8)];
  if (type === binaryTypes.preview) {
    const mimetype = imageTypes[second];
    return mimetype === undefined
      ? undefined
      : { type: "preview", promptId: undefined, nodeId: undefined, mimetype, data: rest };
  }
  return type === binaryTypes.previewWithMetadata && second <= rest.length ? readPreview(rest, second) : undefined;
}

const metadataSchema = z.looseObject({
  prompt_id: promptId.optional(),
  node_id: z.string().optional(),
  display_node_id: z.string().nullish(),
  image_type: z.string().catch("image/jpeg"),
});

function readPreview(rest: Buffer, metadataLength: number): SocketMessage | undefined {
  const { data } = metadataSchema.safeParse(readJson(rest.toString("utf8", 0, metadataLength)));
  return (
    data && {
      type: "preview",
      promptId: data.prompt_id,
      nodeId: data.display_node_id ?? data.node_id,
      mimetype: data.image_type,
      data: rest.subarray(metadataLength),
    }
  );
}
