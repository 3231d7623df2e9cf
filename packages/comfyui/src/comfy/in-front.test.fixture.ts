import { createServer } from "node:http";
import { WebSocket, WebSocketServer } from "ws";
import { type Comfyui, onCleanUp, start } from "./comfy.test.fixture.ts";
import { createComfyHttp } from "./comfy-http.ts";

interface InFront {
  /** Before the answer to POST /prompt is passed on; false: it is lost. */
  answersPrompt?(): Promise<boolean>;
  /** What is said on the socket before each message of ComfyUI's. */
  frames?: readonly object[];
}

/** Starts a stand-in for ComfyUI behind something that holds answers back, or loses them, or talks of its own. */
export async function startBehind({ answersPrompt = async () => true, frames = [] }: InFront): Promise<Comfyui> {
  const { server } = await start();
  const front = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const { method = "GET", url } = request;
    const headers = { "content-type": "application/json" };
    const answer = await fetch(server.url + url, { method, headers, body: method === "POST" ? body : null });
    const text = await answer.text();
    if (url === "/prompt" && !(await answersPrompt())) {
      response.destroy();
      return;
    }
    response.writeHead(answer.status).end(text);
  });
  const sockets = new WebSocketServer({ server: front });
  sockets.on("connection", (socket, { url }) => {
    const behind = new WebSocket(`${server.url.replace("http", "ws")}${url}`);
    behind.on("message", (data, isBinary) => {
      for (const frame of frames) {
        socket.send(JSON.stringify(frame));
      }
      socket.send(data, { binary: isBinary });
    });
    socket.on("close", () => behind.terminate());
    behind.on("close", () => socket.terminate());
  });
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  onCleanUp(async () => {
    sockets.close();
    front.closeAllConnections();
    front.close();
  });
  const address = front.address();
  const comfy = createComfyHttp(`http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`);
  onCleanUp(comfy.stop);
  return { server, comfy };
}
