import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";
import { until } from "../until.ts";
import { type ComfyuiServer, type ComfyuiServerOptions, startComfyuiServer } from "./comfyui-server.ts";
import type { HistoryItem } from "./history.ts";

const cleanUps: (() => Promise<unknown> | unknown)[] = [];

/** Undoes what the functions below did, last first. */
export async function cleanUp(): Promise<void> {
  for (const undo of cleanUps.splice(0).reverse()) {
    await undo();
  }
}

export async function start(options: ComfyuiServerOptions = {}): Promise<ComfyuiServer> {
  const server = await startComfyuiServer(options);
  cleanUps.push(() => server.stop());
  return server;
}

/** A folder that goes after the test. */
export async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "stand-in-"));
  cleanUps.push(() => rm(path, { recursive: true }));
  return path;
}

export const logFile = async (): Promise<string> => join(await folder(), "comfyui.log");

export interface Event {
  type: string;
  data: { node?: string | null; nodes?: unknown; prompt_id?: string; sid?: string; [field: string]: unknown };
}

/** A socket and all that came over it. */
export interface Listener {
  clientId: string;
  socket: WebSocket;
  events: Event[];
  binary: Buffer[];
}

/** Opens a socket; waits for its first status. */
export async function listen(server: ComfyuiServer, clientId: string = randomUUID()): Promise<Listener> {
  const listener = open(server, clientId);
  await until(() => listener.events.some(({ type, data }) => type === "status" && data.sid === clientId));
  return listener;
}

/** Opens a socket, and waits for nothing. */
export function open(server: ComfyuiServer, clientId: string = randomUUID()): Listener {
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/ws?clientId=${clientId}`);
  const listener: Listener = { clientId, socket, events: [], binary: [] };
  socket.on("message", (bytes: Buffer, isBinary) => {
    if (isBinary) {
      listener.binary.push(bytes);
    } else {
      listener.events.push(JSON.parse(bytes.toString()));
    }
  });
  socket.on("error", () => undefined);
  cleanUps.push(() => socket.terminate());
  return listener;
}

export interface Answer<Body> {
  status: number;
  /** The JSON of it; null where it is none. */
  body: Body;
  text: string;
}

export async function post<Body = unknown>({ url }: ComfyuiServer, path: string, body: unknown): Promise<Answer<Body>> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return read(await fetch(url + path, { method: "POST", headers: { "content-type": "application/json" }, body: text }));
}

export const get = async <Body = unknown>({ url }: ComfyuiServer, path: string): Promise<Answer<Body>> =>
  read(await fetch(url + path));

export async function read<Body>(response: Response): Promise<Answer<Body>> {
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json");
  return { status: response.status, body: JSON.parse(isJson ? text : "null"), text };
}

/** Sends a prompt under an id of its own; returns the id. */
export async function submit(server: ComfyuiServer, prompt: object, more: object = {}): Promise<string> {
  const promptId = randomUUID();
  const answer = await post(server, "/prompt", { prompt, prompt_id: promptId, ...more });
  if (answer.status !== 200) {
    throw new Error(`refused: ${JSON.stringify(answer.body)}`);
  }
  return promptId;
}

/** What the history says of a prompt, once it says anything. */
export const ended = (server: ComfyuiServer, promptId: string): Promise<HistoryItem> =>
  until(async () => (await history(server, promptId))[promptId], { what: () => `the end of ${promptId}` });

export const history = async (server: ComfyuiServer, promptId: string): Promise<Record<string, HistoryItem>> =>
  (await get<Record<string, HistoryItem>>(server, `/history/${promptId}`)).body;

/** Runs a prompt to its end. */
export const run = async (server: ComfyuiServer, prompt: object, more: object = {}): Promise<HistoryItem> =>
  ended(server, await submit(server, prompt, more));

export const node = (classType: string, inputs: object = {}) => ({ class_type: classType, inputs });

export const image = (inputs: object = {}) =>
  node("EmptyImage", { width: 32, height: 16, batch_size: 1, color: 0xff0000, ...inputs });

/** A picture of one colour, saved. */
export const picture = (inputs: object = {}, prefix = "ComfyUI") => ({
  "1": image(inputs),
  "2": node("SaveImage", { images: ["1", 0], filename_prefix: prefix }),
});

/** A prompt that takes its time. */
export const slow = (inputs: object = {}) => ({
  "1": node("StandInSlow", { steps: 5, seed: 1, ...inputs }),
  "2": node("SaveImage", { images: ["1", 0], filename_prefix: "slow" }),
});

/** The types of a prompt's events, with the node of each where it is of one. */
export const outline = ({ events }: Listener, promptId: string): string[] =>
  events
    .filter(({ type, data }) => type !== "progress_state" && (type === "status" || data.prompt_id === promptId))
    .map(({ type, data }) => (data.node === undefined ? type : `${type} ${data.node}`));
