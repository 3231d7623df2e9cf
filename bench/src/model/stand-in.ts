// The model server behind every measurement: a process that answers the same bytes each time. It speaks only as much HTTP
// as workers and proxies need of it, since `node:http` would take longer over a request than nginx does.
import { createServer, type Socket } from "node:net";

const completion = JSON.stringify({
  id: "cmpl-stand-in",
  object: "text_completion",
  model: "stand-in",
  choices: [{ index: 0, text: " word".repeat(40), finish_reason: "length" }],
  usage: { prompt_tokens: 250, total_tokens: 378, completion_tokens: 128 },
});
const event = `data: ${JSON.stringify({
  id: "cmpl-stand-in",
  object: "text_completion",
  model: "stand-in",
  choices: [{ index: 0, text: " word", logprobs: null, finish_reason: null }],
})}\n\n`;

const answer = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${completion.length}\r\n\r\n${completion}`,
);
const streamHead = Buffer.from(
  "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n",
);
const streamChunk = Buffer.from(`${event.length.toString(16)}\r\n${event}\r\n`);
const streamEnd = Buffer.from("0\r\n\r\n");
const endOfHead = "\r\n\r\n";

/** Reads requests one after another. Bodies are counted, not kept. */
function serve(socket: Socket): void {
  let head = "";
  let bodyBytesLeft: number | undefined;
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => {
    let bodyBytes = chunk.length;
    if (bodyBytesLeft === undefined) {
      const end = chunk.indexOf(endOfHead);
      head += chunk.toString("latin1", 0, end === -1 ? chunk.length : end + endOfHead.length);
      if (end === -1) {
        return;
      }
      bodyBytes = chunk.length - end - endOfHead.length;
      bodyBytesLeft = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    }
    bodyBytesLeft -= bodyBytes;
    if (bodyBytesLeft === 0) {
      respond(socket, head);
      head = "";
      bodyBytesLeft = undefined;
    }
  });
}

/** `/stream/EVENTS/MILLISECONDS` anywhere in the path asks for a stream; every other path gets the whole answer. */
function respond(socket: Socket, head: string): void {
  const [, events, interval] = /^\S+ \S*\/stream\/(\d+)\/(\d+)/.exec(head) ?? [];
  if (events === undefined) {
    socket.write(answer);
  } else {
    startStream(socket, { eventsLeft: Number(events), interval: Number(interval) });
  }
}

interface Stream {
  socket: Socket;
  eventsLeft: number;
}

/** By their interval: one timer serves all streams that have the same. */
const streams = new Map<number, Set<Stream>>();

function startStream(socket: Socket, { eventsLeft, interval }: { eventsLeft: number; interval: number }): void {
  const stream = { socket, eventsLeft };
  const siblings = streams.get(interval) ?? createTicker(interval);
  siblings.add(stream);
  socket.write(streamHead);
  socket.once("close", () => siblings.delete(stream));
}

function createTicker(interval: number): Set<Stream> {
  const ticking = new Set<Stream>();
  streams.set(interval, ticking);
  setInterval(() => {
    for (const stream of ticking) {
      stream.eventsLeft -= 1;
      stream.socket.write(streamChunk);
      if (stream.eventsLeft === 0) {
        ticking.delete(stream);
        stream.socket.write(streamEnd);
      }
    }
  }, interval);
  return ticking;
}

// A thousand connections may come at once.
const server = createServer({ noDelay: true }, serve).listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => {
  console.log(JSON.stringify(server.address()));
});
