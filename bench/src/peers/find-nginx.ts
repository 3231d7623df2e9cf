import { existsSync, globSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Bench } from "../bench.ts";
import { runCommand } from "../run-command.ts";
import { cacheFolder } from "./cache-folder.ts";

/** A program, and where its shared libraries are, beside the system's own. */
export interface Nginx {
  program: string;
  libraryPath: string;
}

/** libc belongs to the system's own loader. */
const libraries = ["libcrypt1", "libpcre2-8-0", "libssl3", "zlib1g"];

/** The system's nginx, or Debian's package unpacked into a cache folder. Rejects where neither can be had. */
export async function findNginx({ say, signal }: Bench): Promise<Nginx> {
  const version = await runCommand("nginx", ["-v"], { signal }).catch(() => undefined);
  if (version !== undefined) {
    return { program: "nginx", libraryPath: "" };
  }
  const folder = await cacheFolder("nginx");
  const nginx = { program: join(folder, "root/usr/sbin/nginx"), libraryPath: "" };
  if (!existsSync(nginx.program)) {
    say("unpacking nginx from its Debian package …");
    await unpack(["nginx"], { folder, signal });
  }
  const linked = await runCommand("ldd", [nginx.program], { signal });
  if (linked.includes("not found")) {
    await unpack(libraries, { folder, signal });
    nginx.libraryPath = globSync(join(folder, "root/{usr/,}lib/*/*.so.*")).map(dirname).join(":");
  }
  return nginx;
}

/** Downloads packages by a package list of our own, so that nothing of the system changes, and needs no root. */
async function unpack(
  packages: readonly string[],
  { folder, signal }: { folder: string; signal: AbortSignal },
): Promise<void> {
  const lists = join(folder, "lists");
  await mkdir(join(lists, "partial"), { recursive: true });
  const options = ["-o", `Dir::State::Lists=${lists}`, "-o", `Dir::Cache=${folder}`, "-o", "APT::Sandbox::User="];
  await runCommand("apt-get", [...options, "update"], { signal });
  await runCommand("apt-get", [...options, "download", ...packages], { cwd: folder, signal });
  for (const file of globSync(packages.map((name) => join(folder, `${name}_*.deb`)))) {
    await runCommand("dpkg", ["-x", file, join(folder, "root")], { signal });
  }
}
