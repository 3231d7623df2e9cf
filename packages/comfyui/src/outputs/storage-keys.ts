import type { ComfyFile } from "../comfy/comfy-http.ts";

/**
 * The keys of files in a bucket, in the files' order: `<request id>/<filename>`. Files that share a name keep their
 * subfolder in it, and the folder's type where that differs too.
 */
export function storageKeys(files: readonly ComfyFile[], requestId: string): string[] {
  const namesakes = Map.groupBy(files, ({ filename }) => filename);
  return files.map((file) => {
    const group = namesakes.get(file.filename) ?? [];
    const types = new Set(group.map(({ type }) => type));
    const subfolders = new Set(group.map(({ subfolder }) => subfolder));
    const parts =
      types.size > 1
        ? [file.type, file.subfolder, file.filename]
        : subfolders.size > 1
          ? [file.subfolder, file.filename]
          : [file.filename];
    return [requestId, ...parts].flatMap(segmentsOf).join("/");
  });
}

/** Without what some servers take for a way to another folder. */
const segmentsOf = (path: string): string[] =>
  path.split(/[/\\]/).filter((segment) => segment !== "" && segment !== "." && segment !== "..");
