import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** A folder that outlasts the run, for what is installed for it. Git ignores it. */
export async function cacheFolder(name: string): Promise<string> {
  const folder = fileURLToPath(new URL(`../../../.cache/${name}`, import.meta.url));
  await mkdir(folder, { recursive: true });
  return folder;
}
