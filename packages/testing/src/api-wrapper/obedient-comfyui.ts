import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { type WebSocket, WebSocketServer } from "ws";
import { listenOn } from "../server/listen-on.ts";
import { sendJson } from "../server/send-json.ts";

export const savedImage = { images: [{ filename: "image_00001_.png", subfolder: "", type: "output" }] };
export const picture = Buffer.from("a picture");

/** As much of ComfyUI as the wrapper needs. It ends a prompt when told to. */
export interface ObedientComfyui {
  readonly url: string;
  /** The bodies of `POST /prompt`, as text, by the prompts' ids. */
  readonly prompts: Map<string, string>;
  /** All other posts: path and body. */
  readonly posts: [path: string, body: unknown][];
  /** Answers to `POST /prompt` in place of taking it. */
  refusal: { status: number; body: object } | undefined;
  /** Ends a prompt; with an error where that is given. */
  finish(promptId: string, end?: { outputs?: object; error?: object }): void;
  /** Sends an event to whoever asked for the prompt. */
  tell(type: string, data: object): void;
  stop(): Promise<void>;
}

export async function startObedientComfyui(port = 0): Promise<ObedientComfyui> {
  const prompts = new Map<string, string>();
  const posts: [string, unknown][] = [];
  const history = new Map<string, object>();
  const sockets = new Set<WebSocket>();
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const { pathname } = new URL(request.url ?? "", "http://comfyui");
    if (pathname === "/prompt" && fake.refusal === undefined) {
      const id = `prompt-${prompts.size + 1}`;
      prompts.set(id, body);
      sendJson(response, 200, { prompt_id: id, number: prompts.size, node_errors: {} });
    } else if (pathname === "/prompt") {
      sendJson(response, fake.refusal?.status ?? 500, fake.refusal?.body);
    } else if (request.method === "POST") {
      posts.push([pathname, JSON.parse(body)]);
      response.end();
    } else if (pathname.startsWith("/history/")) {
      const id = pathname.slice("/history/".length);
      sendJson(response, 200, history.has(id) ? { [id]: history.get(id) } : {});
    } else if (pathname === "/view") {
      response.writeHead(200, { "content-type": "image/png" }).end(picture);
    } else {
      sendJson(response, pathname === "/system_stats" ? 200 : 404, { devices: [] });
    }
  });
  const webSockets = new WebSocketServer({ server, path: "/ws" });
  webSockets.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await listenOn(server, port);
  const address = server.address();
  const fake: ObedientComfyui = {
    url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : port}`,
    prompts,
    posts,
    refusal: undefined,
    finish: (promptId, { error, outputs = { 9: savedImage } } = {}) =>
      void history.set(
        promptId,
        error === undefined
          ? { outputs, status: { status_str: "success", completed: true, messages: [] } }
          : { outputs: {}, status: { status_str: "error", completed: false, messages: [["execution_error", error]] } },
      ),
    tell: (type, data) => {
      for (const socket of sockets) {
        socket.send(JSON.stringify({ type, data }));
      }
    },
    stop: async () => {
      for (const socket of sockets) {
        socket.terminate();
      }
      webSockets.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
  return fake;
}
