import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

const root = fileURLToPath(new URL("../../../../../", import.meta.url));

/** A package as npm would publish it. */
export interface PackedPackage {
  name: string;
  version: string;
  /** Its package.json as it is in the tarball. */
  manifest: Record<string, unknown>;
  /** The path of the tarball. */
  tarball: string;
}

/** Packs every public package into a folder. They must have been built. */
export async function packPackages(folder: string): Promise<PackedPackage[]> {
  const packed: PackedPackage[] = [];
  for (const file of globSync("packages/*/package.json", { cwd: root })) {
    const { private: isPrivate } = JSON.parse(await readFile(join(root, file), "utf8"));
    if (!isPrivate) {
      packed.push(await pack(join(root, dirname(file)), folder));
    }
  }
  return packed;
}

/** By pnpm, which puts versions where the workspace has references. */
async function pack(cwd: string, folder: string): Promise<PackedPackage> {
  const { stdout } = await run("pnpm", ["pack", "--json", "--pack-destination", folder], { cwd });
  const tarball: string = JSON.parse(stdout).filename;
  const { stdout: text } = await run("tar", ["-xzOf", tarball, "package/package.json"]);
  const manifest = JSON.parse(text);
  return { name: manifest.name, version: manifest.version, manifest, tarball };
}
