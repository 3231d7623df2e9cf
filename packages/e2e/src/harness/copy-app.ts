import { copyFile, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Copies an app into a folder, as a machine has it, with files of its own beside `worker.ts`. */
export async function copyApp(
  name: string,
  folder: string,
  files: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const app = fileURLToPath(new URL(`../../../../apps/${name}/`, import.meta.url));
  for (const file of ["worker.ts", "package.json"]) {
    await copyFile(join(app, file), join(folder, file));
  }
  await symlink(join(app, "node_modules"), join(folder, "node_modules"));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), JSON.stringify(content));
  }
}
