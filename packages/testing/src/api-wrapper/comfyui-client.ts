import { WebSocket } from "ws";
import { type Fields, isObject } from "../server/read-body.ts";
import { parseExact, writeExact } from "./exact-json.ts";

/** The wrapper's own view of a ComfyUI. */
export interface ComfyuiClient {
  readonly url: string;
  isUp(): Promise<boolean>;
  /** Rejects where ComfyUI can't be reached. */
  post(path: string, body: unknown): Promise<{ status: number; text: string }>;
  /** A prompt's entry; undefined until it has ended. */
  history(promptId: string): Promise<Fields | undefined>;
  view(query: Record<string, string>): Promise<Response>;
  /** Listens to what ComfyUI tells of a client's prompts; silent where it has no WebSocket. Returns what ends that. */
  listen(clientId: string, onMessage: (type: string, data: Fields) => void): Promise<() => void>;
}

const probeMs = 2000;

export function createComfyuiClient(url: string): ComfyuiClient {
  return {
    url,
    isUp: () =>
      fetch(`${url}/system_stats`, { signal: AbortSignal.timeout(probeMs) }).then(
        async (answer) => {
          await answer.text();
          return answer.ok;
        },
        () => false,
      ),
    post: async (path, body) => {
      const answer = await fetch(url + path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: writeExact(body),
      });
      return { status: answer.status, text: await answer.text() };
    },
    history: async (promptId) => {
      const answer = await fetch(`${url}/history/${promptId}`);
      const entries = parseExact(await answer.text());
      const entry = isObject(entries) ? entries[promptId] : undefined;
      return isObject(entry) ? entry : undefined;
    },
    view: (query) => fetch(`${url}/view?${new URLSearchParams(query)}`),
    listen: (clientId, onMessage) =>
      new Promise((resolve) => {
        const socket = new WebSocket(`${url.replace(/^http/, "ws")}/ws?clientId=${clientId}`);
        const close = () => socket.terminate();
        socket.on("open", () => resolve(close));
        // The history tells the end in any case.
        socket.on("error", () => resolve(close));
        socket.on("message", (data, isBinary) => {
          const message = isBinary ? undefined : parseExact(data.toString());
          if (isObject(message) && typeof message.type === "string" && isObject(message.data)) {
            onMessage(message.type, message.data);
          }
        });
      }),
  };
}
