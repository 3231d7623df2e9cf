import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startVllmServer, type VllmServer, type VllmServerOptions } from "./vllm-server.ts";

const cleanUps: (() => Promise<unknown>)[] = [];

/** Undoes what the functions below did, last first. */
export async function cleanUp(): Promise<void> {
  for (const undo of cleanUps.splice(0).reverse()) {
    await undo();
  }
}

export async function start(options: VllmServerOptions = {}): Promise<VllmServer> {
  const server = await startVllmServer(options);
  cleanUps.push(() => server.stop());
  return server;
}

export async function logFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "stand-in-"));
  cleanUps.push(() => rm(folder, { recursive: true }));
  return join(folder, "vllm.log");
}

export const post = ({ url }: VllmServer, path: string, body: unknown): Promise<Response> =>
  fetch(url + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

export const complete = (server: VllmServer, body: object): Promise<Response> => post(server, "/v1/completions", body);
