import { existsSync } from "node:fs";
import { mkdir, readdir, symlink } from "node:fs/promises";
import { delimiter, join } from "node:path";

const nodesOwn = new Set(["node", "nodejs", "npm", "npx", "pnpm", "pnpx", "yarn", "corepack"]);

/** A folder of links to every program of this machine's PATH but Node and what comes with it. */
export async function pathWithoutNode(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const directory of (process.env.PATH ?? "").split(delimiter).filter(existsSync)) {
    for (const name of await readdir(directory)) {
      if (!nodesOwn.has(name) && !existsSync(join(folder, name))) {
        await symlink(join(directory, name), join(folder, name)).catch(() => undefined);
      }
    }
  }
  return folder;
}
