/** A picture of what a node is making. */
export interface Preview {
  image: Buffer;
  nodeId: string;
  promptId: string;
}

const jpeg = 1;

/** Type 1: the picture after its format. */
export const encodePreview = ({ image }: Preview): Buffer => Buffer.concat([uint32(1), uint32(jpeg), image]);

/** Type 4: the picture after what it is of. */
export function encodePreviewWithMetadata({ image, nodeId, promptId }: Preview): Buffer {
  const metadata = Buffer.from(
    JSON.stringify({
      node_id: nodeId,
      prompt_id: promptId,
      display_node_id: nodeId,
      parent_node_id: null,
      real_node_id: nodeId,
      image_type: "image/jpeg",
    }),
  );
  return Buffer.concat([uint32(4), uint32(metadata.length), metadata, image]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
