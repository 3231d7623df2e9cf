import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Faults } from "../server/faults.ts";
import { isObject } from "../server/read-body.ts";
import { isForeign } from "./is-foreign.ts";
import { parseExact, stringifyExact } from "./json.ts";
import { encodePreview, encodePreviewWithMetadata, type Preview } from "./preview.ts";

interface HubOptions {
  faults: Faults;
  queueRemaining(): number;
  /** The node that this client's prompt is at. */
  nodeOf(clientId: string): string | undefined;
  maxUploadBytes: number;
}

/** The open sockets, by the client ids under which they listen. */
export interface SocketHub {
  readonly open: number;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Sends to one client, or to all where none is named; what nobody listens to is lost. */
  send(clientId: string | undefined, type: string, data: object): void;
  sendPreview(clientId: string | undefined, preview: Preview, when: "before" | "after"): void;
  /** Tells everybody how many prompts are left. */
  sendStatus(): void;
  /** Breaks the socket of a client. */
  drop(clientId: string | undefined): void;
  /** Breaks all. */
  terminate(): void;
}

export function createSocketHub({ faults, maxUploadBytes, nodeOf, queueRemaining }: HubOptions): SocketHub {
  const server = new WebSocketServer({ noServer: true });
  const listening = new Map<string, WebSocket>();
  const takesMetadata = new WeakSet<WebSocket>();
  const isSilent = () => faults.current.socket === "silent";
  const sendTo = (socket: WebSocket, type: string, data: object) => {
    if (!isSilent()) {
      socket.send(stringifyExact({ type, data }));
    }
  };
  const listenersOf = (clientId: string | undefined): WebSocket[] =>
    [...listening].filter(([id]) => clientId === undefined || id === clientId).map(([, socket]) => socket);
  const status = () => ({ exec_info: { queue_remaining: queueRemaining() } });

  const welcome = (socket: WebSocket, clientId: string) => {
    let isFirst = true;
    listening.set(clientId, socket);
    sendTo(socket, "status", { status: status(), sid: clientId });
    const node = nodeOf(clientId);
    if (node !== undefined) {
      sendTo(socket, "executing", { node });
    }
    socket.on("message", (bytes, isBinary) => {
      const message = isBinary || !isFirst ? undefined : readMessage(String(bytes));
      isFirst = false;
      if (message?.type === "feature_flags") {
        if (isObject(message.data) && message.data.supports_preview_metadata === true) {
          takesMetadata.add(socket);
        }
        sendTo(socket, "feature_flags", { supports_preview_metadata: true, max_upload_size: maxUploadBytes });
      }
    });
    socket.on("error", () => socket.terminate());
    socket.on("close", () => {
      if (faults.current.reconnectRace || listening.get(clientId) === socket) {
        listening.delete(clientId);
      }
    });
  };

  return {
    get open() {
      return server.clients.size;
    },
    upgrade: (request, socket, head) => {
      // It belongs to nobody yet: without a listener, a reset would end the process.
      socket.on("error", () => socket.destroy());
      const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
      if (isForeign(request.headers)) {
        socket.end(refusal("403 Forbidden"));
        return;
      }
      if (faults.current.socket === "refused" || !/^(\/api)?\/ws$/.test(pathname)) {
        socket.end(refusal("503 Service Unavailable"));
        return;
      }
      server.handleUpgrade(request, socket, head, (accepted) =>
        welcome(accepted, searchParams.get("clientId") || randomUUID().replaceAll("-", "")),
      );
    },
    send: (clientId, type, data) => {
      for (const socket of listenersOf(clientId)) {
        sendTo(socket, type, data);
      }
    },
    sendPreview: (clientId, preview, when) => {
      // The kind with metadata goes before the step that it belongs to, the other after.
      for (const socket of isSilent() ? [] : listenersOf(clientId)) {
        const hasMetadata = takesMetadata.has(socket);
        if (hasMetadata === (when === "before")) {
          socket.send(hasMetadata ? encodePreviewWithMetadata(preview) : encodePreview(preview));
        }
      }
    },
    sendStatus: () => {
      for (const socket of listening.values()) {
        sendTo(socket, "status", { status: status() });
      }
    },
    drop: (clientId) => {
      for (const socket of listenersOf(clientId)) {
        socket.terminate();
      }
    },
    terminate: () => {
      for (const socket of server.clients) {
        socket.terminate();
      }
    },
  };
}

const refusal = (status: string): string => `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`;

function readMessage(text: string): { type?: unknown; data?: unknown } | undefined {
  try {
    const message = parseExact(text);
    return isObject(message) ? message : undefined;
  } catch {
    return undefined;
  }
}
