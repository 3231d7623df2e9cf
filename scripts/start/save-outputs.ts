import { mkdir, stat, writeFile } from "node:fs/promises";
import { basename, join, parse } from "node:path";
import type { Client } from "./client.ts";
import type { JobResult, OutputItem } from "./run-job.ts";

/** Fetches a job's files through its worker, and says where they are. */
export async function saveOutputs(
  client: Client,
  { folder, result }: { folder: string; result: JobResult },
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const item of result.output) {
    const { filename, subfolder, type } = item;
    const response = await client.get(`/view?${new URLSearchParams({ filename, subfolder, type })}`);
    if (!response.ok || response.body === null) {
      throw new Error(`${filename} can't be fetched: ${response.status} ${await response.text()}`);
    }
    const path = await write(response.body, join(folder, basename(filename)));
    const { size } = await stat(path);
    console.log(`< ${path}  ${sizeOf(size)}  ${typeOf(item, response)}`);
  }
}

/** Writes a new file; under another name where there is one of this name. */
async function write(body: NonNullable<Response["body"]>, wanted: string): Promise<string> {
  const { dir, ext, name } = parse(wanted);
  let path = wanted;
  for (let number = 2; await exists(path); number += 1) {
    path = join(dir, `${name}-${number}${ext}`);
  }
  await writeFile(path, body, { flag: "wx" });
  return path;
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const typeOf = ({ mimetype }: OutputItem, response: Response): string =>
  mimetype ?? response.headers.get("content-type") ?? "of unknown type";

function sizeOf(bytes: number): string {
  const kilobytes = bytes / 1000;
  return kilobytes < 1
    ? `${bytes} bytes`
    : kilobytes < 1000
      ? `${kilobytes.toFixed(1)} kB`
      : `${(kilobytes / 1000).toFixed(1)} MB`;
}
