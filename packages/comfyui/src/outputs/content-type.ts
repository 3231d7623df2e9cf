import { fileTypeFromBuffer } from "file-type";

/** As many of a file's first bytes as its type can be told by. */
export const headBytes = 4100;

/** What can be known of a file without reading all of it. */
export interface FileClues {
  /** Its first bytes: `headBytes` of them, or all. */
  head: Uint8Array;
  /** The Content-Type that came with it. */
  declared: string | undefined;
  filename: string;
}

/**
 * What a file is, as a media type without parameters: by its content, else by what it is declared to be, else by its
 * extension. The key under which a node lists a file says nothing: ComfyUI lists videos as images.
 */
export async function contentTypeOf({ declared, filename, head }: FileClues): Promise<string | undefined> {
  const types = [await typeOfContent(head), bareType(declared), typeOfExtension(filename)];
  return types.find((type) => type !== undefined && !vague.has(type)) ?? types.find((type) => type !== undefined);
}

/** Types that only say what something is wrapped in: a drawing is XML too, and a document a zip. */
const vague: ReadonlySet<string> = new Set(["application/octet-stream", "application/xml", "application/zip"]);

async function typeOfContent(head: Uint8Array): Promise<string | undefined> {
  try {
    return bareType((await fileTypeFromBuffer(head))?.mime);
  } catch {
    // It is no more than the beginning of a file that the detector reads.
    return undefined;
  }
}

function bareType(type: string | undefined): string | undefined {
  const bare = type?.split(";")[0]?.trim().toLowerCase();
  return bare === undefined || bare === "" ? undefined : bare;
}

function typeOfExtension(filename: string): string | undefined {
  const extension = /\.([a-z0-9]+)$/i.exec(filename)?.[1]?.toLowerCase();
  return extension === undefined ? undefined : extensions.get(extension);
}

/** What ComfyUI and its usual custom nodes save. */
const extensions: ReadonlyMap<string, string> = new Map([
  ["png", "image/png"],
  ["jpg", "image/jpeg"],
  ["jpeg", "image/jpeg"],
  ["webp", "image/webp"],
  ["gif", "image/gif"],
  ["avif", "image/avif"],
  ["bmp", "image/bmp"],
  ["tif", "image/tiff"],
  ["tiff", "image/tiff"],
  ["svg", "image/svg+xml"],
  ["exr", "image/x-exr"],
  ["mp4", "video/mp4"],
  ["webm", "video/webm"],
  ["mkv", "video/matroska"],
  ["mov", "video/quicktime"],
  ["avi", "video/vnd.avi"],
  ["mp3", "audio/mpeg"],
  ["flac", "audio/flac"],
  ["ogg", "audio/ogg"],
  ["opus", "audio/ogg"],
  ["wav", "audio/wav"],
  ["m4a", "audio/x-m4a"],
  ["aac", "audio/aac"],
  ["glb", "model/gltf-binary"],
  ["gltf", "model/gltf+json"],
  ["obj", "model/obj"],
  ["stl", "model/stl"],
  ["ply", "model/ply"],
  ["json", "application/json"],
  ["txt", "text/plain"],
  ["csv", "text/csv"],
  ["srt", "application/x-subrip"],
  ["vtt", "text/vtt"],
]);
