import { createHash } from "node:crypto";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { homedir } from "node:os";
import { join } from "node:path";
import type { PackedPackage } from "./pack-packages.ts";

/** Serves our packages as npm's registry would if they were published; everything else comes from where it always does. */
export interface Registry {
  readonly url: string;
  /** Environment with which npm, npx and pnpm take `@pyworker` from here. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** `folder` takes the npm configuration that names this registry. */
export async function startRegistry(packages: readonly PackedPackage[], folder: string): Promise<Registry> {
  const files = new Map<string, Buffer>();
  const documents = new Map<string, unknown>();
  const server = createServer(({ url = "" }, response) => {
    // Another one may listen on this port one day, with the same versions of other packages.
    response.setHeader("cache-control", "no-store");
    const path = decodeURIComponent(url);
    const file = files.get(path);
    const document = documents.get(path);
    if (file !== undefined) {
      response.writeHead(200, { "content-type": "application/octet-stream" }).end(file);
    } else if (document !== undefined) {
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(document));
    } else {
      response.writeHead(404, { "content-type": "application/json" }).end('{"error":"not found"}');
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  for (const { manifest, name, tarball, version } of packages) {
    const content = await readFile(tarball);
    const path = `/${name}/-/${version}.tgz`;
    const integrity = `sha512-${createHash("sha512").update(content).digest("base64")}`;
    const published = { ...manifest, dist: { tarball: url + path, integrity } };
    files.set(path, content);
    documents.set(`/${name}`, { name, "dist-tags": { latest: version }, versions: { [version]: published } });
  }
  const configuration = join(folder, "npmrc");
  await writeFile(configuration, `@pyworker:registry=${url}/\n`);
  return {
    url,
    env: { NPM_CONFIG_USERCONFIG: configuration, npm_config_cache: await shareCache(folder) },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A cache with what npm has fetched before, but without what npx has installed: that is of earlier builds. */
async function shareCache(folder: string): Promise<string> {
  const fetched = join(process.env.npm_config_cache ?? join(homedir(), ".npm"), "_cacache");
  const cache = join(folder, "npm-cache");
  await mkdir(fetched, { recursive: true });
  await mkdir(cache);
  await symlink(fetched, join(cache, "_cacache"));
  return cache;
}
