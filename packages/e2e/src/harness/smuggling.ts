/** Bytes that two servers may read as different requests, or as requests for something else than they seem. */
export interface SmuggledRequest {
  what: string;
  bytes: string;
}

interface SmugglingOptions {
  /** The body of a request that would be served, if only its head were right. */
  body: string;
  /** A signature for requests that pass through. */
  authHeader: string;
  /** Where the model listens, which no client should be able to name. */
  modelUrl: string;
}

const crlf = "\r\n";

/** Each of them must be refused, whole. A request for `/stolen` shows where a second request was seen in the first. */
export function smugglingCorpus(options: SmugglingOptions): SmuggledRequest[] {
  return [...lengths(options), ...heads(options), ...chunks(options), ...targets(options), ...paths(options)];
}

const inside = `GET /files/stolen HTTP/1.1${crlf}host: worker${crlf}${crlf}`;

function post(lines: readonly string[], body: string, route = "/parallel"): string {
  const head = [`POST ${route} HTTP/1.1`, "host: worker", "content-type: application/json", ...lines];
  return head.join(crlf) + crlf + crlf + body;
}

const inChunks = (body: string): string =>
  `${Buffer.byteLength(body).toString(16)}${crlf}${body}${crlf}0${crlf}${crlf}`;

/** Where a body ends, said twice or badly. */
function lengths({ body }: SmugglingOptions): SmuggledRequest[] {
  const size = Buffer.byteLength(body);
  const chunked = "transfer-encoding: chunked";
  const badLengths = [
    `+${size}`,
    `-${size}`,
    `${size}, ${size}`,
    `0x${size.toString(16)}`,
    `${size} 0`,
    "",
    "9".repeat(30),
  ];
  const badEncodings = [
    "transfer-encoding : chunked",
    "transfer-encoding: xchunked",
    "transfer-encoding: chunked, identity",
    "transfer-encoding: identity, chunked, x",
    "transfer-encoding:\u000bchunked",
    "transfer-encoding: chunked\u0000",
    "transfer-encoding: chun ked",
    "transfer-encoding\u0000: chunked",
    " transfer-encoding: chunked",
  ];
  return [
    { what: "both lengths", bytes: post([`content-length: ${size}`, chunked], inChunks(body)) },
    { what: "both lengths, the other way round", bytes: post([chunked, "content-length: 4"], inChunks(body)) },
    { what: "two lengths", bytes: post([`content-length: ${size}`, "content-length: 5"], body) },
    { what: "one length twice", bytes: post([`content-length: ${size}`, `content-length: ${size}`], body) },
    { what: "two encodings", bytes: post([chunked, "transfer-encoding: identity"], inChunks(body)) },
    ...badLengths.map((length) => ({ what: `length "${length}"`, bytes: post([`content-length: ${length}`], body) })),
    ...badEncodings.map((line) => ({ what: JSON.stringify(line), bytes: post([line], inChunks(body)) })),
    ...badEncodings.map((line) => ({
      what: `${JSON.stringify(line)} and a length`,
      bytes: post([line, `content-length: ${size}`], body),
    })),
  ];
}

/** Where a header ends, and whose it is. */
function heads({ body }: SmugglingOptions): SmuggledRequest[] {
  const length = `content-length: ${Buffer.byteLength(body)}`;
  const whole = post([length], body);
  return [
    { what: "two hosts", bytes: post([length, "host: elsewhere"], body) },
    { what: "one host twice", bytes: post([length, "Host: worker"], body) },
    { what: "no host", bytes: whole.replace(`host: worker${crlf}`, "") },
    { what: "a folded header", bytes: post([length, `x-a: 1${crlf} transfer-encoding: chunked`], body) },
    { what: "a header that is folded at once", bytes: post([length, `x-a:${crlf}\t1`], body) },
    { what: "bare line feeds", bytes: whole.replaceAll(crlf, "\n") },
    { what: "one bare line feed", bytes: post([length, `x-a: 1\nhost: elsewhere`], body) },
    { what: "bare carriage returns", bytes: post([length, `x-a: 1\rtransfer-encoding: chunked`], body) },
    { what: "a NUL in a value", bytes: post([length, "x-a: 1\u00002"], body) },
    { what: "a header without a name", bytes: post([length, ": 1"], body) },
    { what: "a header without a colon", bytes: post([length, "x-a"], body) },
    { what: "a space in a name", bytes: post([length, "x a: 1"], body) },
    { what: "more headers than fit", bytes: post([length, `x-a: ${"a".repeat(100_000)}`], body) },
    { what: "a version of its own", bytes: whole.replace("HTTP/1.1", "HTTP/3.7") },
    { what: "no version", bytes: whole.replace(" HTTP/1.1", "") },
    { what: "HTTP/2", bytes: `PRI * HTTP/2.0${crlf}${crlf}SM${crlf}${crlf}` },
    { what: "a change to HTTP/2", bytes: post(["connection: upgrade", "upgrade: h2c", "content-length: 2"], "{}") },
  ];
}

/** What can be hidden in a chunked body. */
function chunks({ body }: SmugglingOptions): SmuggledRequest[] {
  const chunked = ["transfer-encoding: chunked"];
  const size = Buffer.byteLength(body).toString(16);
  const end = `${crlf}0${crlf}${crlf}`;
  const sizes = [`0x${size}`, `-${size}`, `+${size}`, `${size}g`, "f".repeat(20), "", ` ${size}`, `${size}\u0000`];
  return [
    ...sizes.map((text) => ({ what: `chunk size "${text}"`, bytes: post(chunked, text + crlf + body + end) })),
    { what: "a bare line feed after a size", bytes: post(chunked, `${size}\n${body}${end}`) },
    { what: "a bare line feed in an extension", bytes: post(chunked, `${size};a\nb${crlf}${body}${end}`) },
    { what: "a chunk longer than its size", bytes: post(chunked, `5${crlf}${body}${crlf}0${crlf}${crlf}`) },
    { what: "a flood of extensions", bytes: post(chunked, `${size};${"a=b;".repeat(10_000)}${crlf}${body}${end}`) },
    { what: "a request as trailer", bytes: post(chunked, `2${crlf}{}${crlf}0${crlf}${inside}`) },
    { what: "a request behind the end", bytes: post(chunked, inChunks("{}") + inside) },
  ];
}

/** Targets that name another server, or none. */
function targets({ body, modelUrl }: SmugglingOptions): SmuggledRequest[] {
  const length = `content-length: ${Buffer.byteLength(body)}`;
  const routes = [
    `${modelUrl}/parallel`,
    "http://worker/parallel",
    "worker:80",
    "*",
    "parallel",
    "?/parallel",
    "//parallel",
    "/parallel/",
    "/PARALLEL",
    "/%70arallel",
    "/parallel%00",
    "/parallel%20",
    "/x/../parallel",
    "/./parallel",
    "/parallel;a=b",
    "/parallel#a",
    "\\parallel",
    "/%2fparallel",
    "/parallel HTTP/1.1 /b",
    "/parallel\tx",
  ];
  return [
    ...routes.map((route) => ({ what: `target ${JSON.stringify(route)}`, bytes: post([length], body, route) })),
    { what: "CONNECT", bytes: `CONNECT ${modelUrl.slice("http://".length)} HTTP/1.1${crlf}host: worker${crlf}${crlf}` },
    { what: "TRACE", bytes: `TRACE /parallel HTTP/1.1${crlf}host: worker${crlf}${crlf}` },
    {
      what: "a method override",
      bytes: `GET /parallel HTTP/1.1${crlf}host: worker${crlf}x-http-method-override: POST${crlf}${crlf}`,
    },
  ];
}

/** Ways out of the folder that may be read, and into routes that may not, all of them signed. */
function paths({ authHeader }: SmugglingOptions): SmuggledRequest[] {
  const routes = [
    "/files/../stolen",
    "/files/..",
    "/files/./../stolen",
    "/files/%2e%2e/stolen",
    "/files/.%2e/stolen",
    "/files/..%2fstolen",
    "/files%2f..%2fstolen",
    "/files/..%5cstolen",
    "/files/..\\stolen",
    "/files//stolen",
    "//files/stolen",
    "/files/a%00",
    "/files",
    "/filesystem",
    "/FILES/a",
    "/view/",
    "/view/../stolen",
    "/viewer",
    "/%76iew",
    "/view%3fa=b",
    "/stolen?/files/a",
    "/stolen#/files/a",
    "/files/a#/../stolen",
    "/files/a#b",
  ];
  const get = (route: string) =>
    `GET ${route} HTTP/1.1${crlf}host: worker${crlf}x-serverless-auth: ${authHeader}${crlf}${crlf}`;
  return [
    ...routes.map((route) => ({ what: `GET ${route}`, bytes: get(route) })),
    { what: "another method of a route that passes", bytes: get("/view").replace("GET", "DELETE") },
    {
      what: "a WebSocket where none passes",
      bytes: get("/view").replace(crlf, `${crlf}connection: upgrade${crlf}upgrade: websocket${crlf}`),
    },
  ];
}
