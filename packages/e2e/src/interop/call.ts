import { isRecord, type Json, type Observation } from "./observation.ts";

/** One HTTP request. A body that is no text is sent as JSON. */
export interface Call {
  url: string;
  body?: unknown;
  method?: string;
  headers?: Readonly<Record<string, string>>;
  signal?: AbortSignal;
}

/** What an answer can differ in; `date`, say, is never the same twice. */
const comparedHeaders = ["content-type", "content-encoding", "transfer-encoding", "retry-after", "allow"];
const modelName = "pyworker-stand-in";

/** Sends a request and reads the answer to its end, however it ends. */
export const call = async (request: Call): Promise<Observation> => (await exchange(request)).seen;

/** The same, with the answer's body as it came beside what can be compared of it. */
export async function exchange(request: Call): Promise<{ seen: Observation; body: Json }> {
  let response: Response;
  try {
    response = await send(request);
  } catch {
    return { seen: { broken: "before the answer" }, body: null };
  }
  const head = headOf(response);
  try {
    const body = parseBody(await response.text());
    return { seen: { ...head, body: withoutVolatile(body) }, body };
  } catch {
    return { seen: { ...head, broken: "in the answer" }, body: null };
  }
}

/** Sends a request; for callers that read the answer their own way. */
export function send({ body, headers = {}, method = "POST", signal, url }: Call): Promise<Response> {
  return fetch(url, {
    method,
    headers: { "content-type": "application/json", ...headers },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    ...(signal && { signal }),
  });
}

function headOf({ headers, status }: Response): Record<string, Json> {
  const head: Record<string, Json> = { status };
  for (const name of comparedHeaders) {
    const value = headers.get(name);
    if (value !== null) {
      // JSON has no charset: https://www.rfc-editor.org/rfc/rfc8259#section-11. One case looks at what is sent.
      head[name] = value.replace(/^(application\/json); charset=utf-8$/, "$1");
    }
  }
  // Each worker's own name is its own affair; the model's has to come through.
  if (headers.get("server") === modelName) {
    head.server = modelName;
  }
  if (headers.get("connection") === "close") {
    head.connection = "close";
  }
  return head;
}

function parseBody(text: string): Json {
  // The port is another one every time, and stands in the text of some errors.
  const comparable = text.replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:<port>");
  try {
    return JSON.parse(comparable);
  } catch {
    return comparable;
  }
}

const sessionId = /^[A-Za-z0-9]{13}$/;
const isSessionId = (value: Json): boolean => typeof value === "string" && sessionId.test(value);
const isRecentTime = (value: Json): boolean => typeof value === "number" && value > 1_700_000_000;
const isSignature = (value: Json): boolean => typeof value === "string" && /^[A-Za-z0-9+/=]{344}$/.test(value);

/** Fields that are never the same twice, with what they must look like to be left out of the comparison. */
const volatile: Readonly<Record<string, (value: Json) => boolean>> = {
  session_id: isSessionId,
  removed_session: isSessionId,
  expiration: isRecentTime,
  created_at: isRecentTime,
  signature: isSignature,
};

function withoutVolatile(value: Json): Json {
  if (!isRecord(value)) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, volatile[key]?.(item) ? `<${key}>` : withoutVolatile(item)]),
  );
}
