import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";

/** What a file's route sends: its bytes, or whatever the function does. */
export type ViewedContent = Buffer | ((response: ServerResponse) => void);

export interface ViewServer {
  readonly url: string;
  /** By the file's path: `subfolder/filename`, or `temp:filename` and the like where its type isn't `output`. */
  readonly files: Map<string, ViewedContent>;
  /** The `Range` of each request for a file, oldest first. */
  readonly ranges: (string | undefined)[];
  /** The most requests that were under way at a time. */
  mostAtOnce(): number;
  stop(): Promise<void>;
}

/** ComfyUI's `/view` and nothing else. Content-Type goes by the extension, as with ComfyUI. */
export async function startViewServer(): Promise<ViewServer> {
  const files = new Map<string, ViewedContent>();
  const ranges: (string | undefined)[] = [];
  let atOnce = 0;
  let mostAtOnce = 0;
  const server = createServer((request, response) => {
    const query = new URL(request.url ?? "", "http://127.0.0.1").searchParams;
    const content = files.get(pathOf(query));
    if (content === undefined) {
      response.writeHead(404).end();
      return;
    }
    ranges.push(request.headers.range);
    atOnce += 1;
    mostAtOnce = Math.max(mostAtOnce, atOnce);
    response.on("close", () => {
      atOnce -= 1;
    });
    if (typeof content === "function") {
      content(response);
      return;
    }
    const last = /^bytes=0-(\d+)$/.exec(request.headers.range ?? "")?.[1];
    if (last !== undefined && content.length === 0) {
      response.writeHead(416).end();
      return;
    }
    const sent = last === undefined ? content : content.subarray(0, Number(last) + 1);
    response.writeHead(last === undefined ? 200 : 206, {
      "content-type": contentTypes[query.get("filename")?.split(".").at(-1) ?? ""] ?? "application/octet-stream",
      "content-length": sent.length,
    });
    response.end(sent);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    files,
    ranges,
    mostAtOnce: () => mostAtOnce,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function pathOf(query: URLSearchParams): string {
  const type = query.get("type") ?? "";
  const path = [query.get("subfolder"), query.get("filename")].filter((part) => part !== "").join("/");
  return type === "output" ? path : `${type}:${path}`;
}

const contentTypes: Record<string, string> = {
  png: "image/png",
  mp4: "video/mp4",
  mp3: "audio/mpeg",
  svg: "image/svg+xml",
  txt: "text/plain",
};
