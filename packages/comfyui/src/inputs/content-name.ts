import { createHash } from "node:crypto";
import { fileTypeFromBuffer } from "file-type";

/** The most that is shown of a digest: 128 bits, and no two files have the same. */
const digits = 32;

/**
 * The name under which a file is uploaded: the same for the same content. Its extension says what the content is, or else
 * what `name`, the client's own, says.
 */
export async function contentName(bytes: Buffer, name: string): Promise<string> {
  const digest = createHash("sha256").update(bytes).digest("hex").slice(0, digits);
  return `${digest}.${(await extensionOf(bytes)) ?? extensionIn(name) ?? "bin"}`;
}

async function extensionOf(bytes: Buffer): Promise<string | undefined> {
  try {
    return (await fileTypeFromBuffer(bytes))?.ext;
  } catch {
    // Whatever a file pretends to be, ComfyUI's nodes decide whether they can read it.
    return undefined;
  }
}

const extensionIn = (name: string): string | undefined => /\.([a-z0-9]{1,12})$/i.exec(name)?.[1]?.toLowerCase();
