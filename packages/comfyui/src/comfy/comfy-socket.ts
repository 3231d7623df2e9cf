import type { Clock } from "@pyworker/core";
import { WebSocket } from "ws";
import { pause } from "./pause.ts";
import type { RunLimits } from "./run-limits.ts";
import { parseSocketMessage, type SocketMessage } from "./socket-message.ts";

export interface ComfySocketOptions {
  /** Of ComfyUI, with http or https. */
  url: string;
  clientId: string;
  /** Whether pictures of what is being made are welcome. */
  previews: boolean;
  limits: RunLimits;
  clock: Clock;
  onMessage(message: SocketMessage): void;
  /** It was open and has closed by itself; it will be opened again. */
  onDrop(): void;
}

export interface ComfySocket {
  /** Resolves when ComfyUI has greeted, or the socket has closed before. Never rejects. */
  greeted: Promise<void>;
  close(): Promise<void>;
}

/** Far more than a preview or a node's texts take. */
const largestMessageBytes = 32 * 1024 * 1024;

/**
 * Listens to ComfyUI for one job. A socket that drops, or over which nothing comes for long, is opened again under the same
 * client id, as often as it takes: the events in between are lost, since ComfyUI keeps none.
 */
export function openComfySocket(options: ComfySocketOptions): ComfySocket {
  const { clock, limits, onDrop, onMessage } = options;
  const closing = new AbortController();
  const greeting = Promise.withResolvers<void>();

  const keepOpen = async () => {
    while (!closing.signal.aborted) {
      const wasOpen = await listenOnce({
        ...options,
        signal: closing.signal,
        onMessage: (message) => {
          greeting.resolve();
          onMessage(message);
        },
      });
      greeting.resolve();
      if (closing.signal.aborted) {
        return;
      }
      if (wasOpen) {
        onDrop();
      }
      // Only after the old socket has closed, and a moment later: where ComfyUI notices the old one's end after the new one has
      // registered under the same id, it forgets the new one. https://github.com/comfyanonymous/ComfyUI/pull/16243
      await pause(clock, limits.reconnect, closing.signal).catch(() => {});
    }
  };
  const kept = keepOpen();
  return {
    greeted: greeting.promise,
    close: async () => {
      closing.abort();
      await kept;
    },
  };
}

/** Opens a socket; resolves when it has closed, for whatever reason, with whether it ever was open. */
function listenOnce(options: ComfySocketOptions & { signal: AbortSignal }): Promise<boolean> {
  const { clientId, clock, limits, onMessage, previews, signal, url } = options;
  return new Promise((resolve) => {
    const address = `${url.replace(/^http/, "ws")}/ws?clientId=${encodeURIComponent(clientId)}`;
    const socket = new WebSocket(address, {
      handshakeTimeout: limits.greeting,
      maxPayload: largestMessageBytes,
      perMessageDeflate: false,
    });
    let wasOpen = false;
    const hangUp = () => socket.terminate();
    const silence = createRepeatable(clock, limits.silence, hangUp);
    const pings = createRepeatable(clock, limits.ping, () => {
      if (socket.readyState === WebSocket.OPEN) {
        socket.ping();
      }
      pings.restart();
    });
    signal.addEventListener("abort", hangUp, { once: true });
    socket.on("open", () => {
      wasOpen = true;
      silence.restart();
      pings.restart();
      if (previews) {
        // Has to be the first message. Previews then say which node they are of.
        socket.send(JSON.stringify({ type: "feature_flags", data: { supports_preview_metadata: true } }));
      }
    });
    socket.on("message", (data, isBinary) => {
      silence.restart();
      const message = Buffer.isBuffer(data) ? parseSocketMessage(data, isBinary) : undefined;
      if (message !== undefined && (previews || message.type !== "preview")) {
        onMessage(message);
      }
    });
    // 'close' follows, and the job goes on without the socket.
    socket.on("error", () => {});
    socket.on("close", () => {
      silence.stop();
      pings.stop();
      signal.removeEventListener("abort", hangUp);
      resolve(wasOpen);
    });
  });
}

function createRepeatable(clock: Clock, milliseconds: number, callback: () => void) {
  let callOff = () => {};
  return {
    restart: () => {
      callOff();
      callOff = clock.after(milliseconds, callback);
    },
    stop: () => callOff(),
  };
}
