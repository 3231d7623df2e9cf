import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type PackedPackage, packPackages } from "./pack-packages.ts";

const run = promisify(execFile);

const root = fileURLToPath(new URL("../../../../../", import.meta.url));

const installMilliseconds = 150_000;

/** A project outside of this repository that has every public package. */
export interface InstalledPackages {
  /** The project's folder. */
  folder: string;
  packed: readonly PackedPackage[];
  /** Node and npm, and nothing of this repository. */
  environment: Readonly<Record<string, string>>;
}

/** Packs all public packages and installs them by npm, as if a user had downloaded them. */
export async function installPackages(parent: string): Promise<InstalledPackages> {
  const [folder, tarballs] = [join(parent, "project"), join(parent, "tarballs")];
  await mkdir(folder);
  await mkdir(tarballs);
  const packed = await packPackages(tarballs);
  const manifest = { name: "project", private: true, type: "module" };
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
  const environment = outsideEnvironment();
  const nodeTypes = createRequire(join(root, "package.json"))("@types/node/package.json");
  const words = [...packed.map(({ tarball }) => tarball), `@types/node@${nodeTypes.version}`];
  await run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", ...words], {
    cwd: folder,
    env: environment,
    timeout: installMilliseconds,
  });
  return { folder, packed, environment };
}

/** What the machine sets (proxies, certificates), without the ways to this repository's packages. */
function outsideEnvironment(): Record<string, string> {
  const { NODE_PATH: _, PATH = "", ...rest } = process.env;
  const places = PATH.split(delimiter).filter((place) => !place.startsWith(root));
  const own = {
    PATH: [dirname(process.execPath), ...places].join(delimiter),
    npm_config_update_notifier: "false",
    npm_config_logs_max: "0",
  };
  return Object.fromEntries(
    Object.entries({ ...rest, ...own }).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  );
}
