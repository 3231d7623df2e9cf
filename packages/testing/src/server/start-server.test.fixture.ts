import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startVllmServer, type VllmServerOptions } from "../vllm/vllm-server.ts";
import type { ModelServer } from "./model-server.ts";

const cleanUps: (() => Promise<unknown>)[] = [];

/** Undoes what the functions below did, last first. */
export async function cleanUp(): Promise<void> {
  for (const undo of cleanUps.splice(0).reverse()) {
    await undo();
  }
}

export const start = (options: VllmServerOptions = {}): Promise<ModelServer> => started(startVllmServer(options));

/** Stops a server after the test. */
export async function started(starting: Promise<ModelServer>): Promise<ModelServer> {
  const server = await starting;
  cleanUps.push(() => server.stop());
  return server;
}

export async function logFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "stand-in-"));
  cleanUps.push(() => rm(folder, { recursive: true }));
  return join(folder, "model.log");
}

export const post = ({ url }: { url: string }, path: string, body: unknown): Promise<Response> =>
  fetch(url + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

export const complete = (server: ModelServer, body: object): Promise<Response> => post(server, "/v1/completions", body);

export const json = async (response: Promise<Response>): Promise<unknown> => (await response).json();

/** The events of a stream, without their names. */
export const eventsOf = (text: string): { [field: string]: unknown }[] =>
  text
    .split("\n")
    .filter((line) => line.startsWith("data: {"))
    .map((line) => JSON.parse(line.slice("data: ".length)));

function formOf(fields: Record<string, string | File>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    form.append(name, value);
  }
  return form;
}

export const upload = (
  { url }: { url: string },
  path: string,
  fields: Record<string, string | File>,
): Promise<Response> => fetch(url + path, { method: "POST", body: formOf(fields) });
