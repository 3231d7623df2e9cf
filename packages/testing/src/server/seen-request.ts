import type { IncomingMessage, ServerResponse } from "node:http";

/** One field of a form: text, or a file. */
export interface FormField {
  name: string;
  /** The text of a field that isn't a file. */
  value?: string;
  fileName?: string;
  /** A file's content type. */
  type?: string;
  /** In bytes. */
  size: number;
  bytes: Buffer;
}

/** One request the stand-in has seen. */
export interface SeenRequest {
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
  body: Buffer;
  /** `performance.now()` when its client left before the end; undefined otherwise. */
  abortedAt: number | undefined;
  completed: boolean;
  /** The fields of a multipart body, in order; throws where it is none. */
  form(): Promise<FormField[]>;
}

const rememberedRequests = 1000;

/** Reads a request and remembers it from the moment its body is complete; undefined where the client left before. */
export async function see(
  request: IncomingMessage,
  response: ServerResponse,
  requests: SeenRequest[],
): Promise<SeenRequest | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) {
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  const body = Buffer.concat(chunks);
  const seen: SeenRequest = {
    method: request.method ?? "",
    path: request.url ?? "/",
    headers: request.headers,
    body,
    abortedAt: undefined,
    completed: false,
    form: () => readForm(body, request.headers["content-type"]),
  };
  requests.push(seen);
  if (requests.length > rememberedRequests) {
    requests.shift();
  }
  response.once("close", () => {
    seen.completed = response.writableFinished;
    seen.abortedAt = response.writableFinished ? undefined : performance.now();
  });
  return seen;
}

async function readForm(body: Buffer, contentType = ""): Promise<FormField[]> {
  const form = await new Response(Uint8Array.from(body), { headers: { "content-type": contentType } }).formData();
  return Promise.all(
    [...form].map(async ([name, value]) => {
      if (typeof value === "string") {
        const bytes = Buffer.from(value);
        return { name, value, size: bytes.length, bytes };
      }
      const bytes = Buffer.from(await value.arrayBuffer());
      return { name, fileName: value.name, type: value.type, size: bytes.length, bytes };
    }),
  );
}
