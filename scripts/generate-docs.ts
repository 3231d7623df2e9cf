// Writes the pages of docs/ that are made from tables in the code: `npm run docs`. With --check it writes nothing, and
// ends with 1 where a page is out of date.
import { readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { comfyuiVariables } from "@pyworker/comfyui";
import { errorCodes, metrics, variables } from "@pyworker/core";
import { tgiVariables } from "@pyworker/tgi";
import { vllmVariables } from "@pyworker/vllm";

const root = fileURLToPath(new URL("..", import.meta.url));

const { values } = parseArgs({
  options: {
    check: { type: "boolean", default: false },
    folder: { type: "string", default: join(root, "docs") },
  },
});

const pages: Record<string, () => string> = {
  "configuration.md": configurationPage,
  "errors.md": errorsPage,
  "metrics.md": metricsPage,
};

for (const [name, make] of Object.entries(pages)) {
  const file = join(values.folder, name);
  const text = make();
  const isCurrent = (await readFile(file, "utf8").catch(() => undefined)) === text;
  if (values.check && !isCurrent) {
    console.error(`${relative(root, file)} is out of date: run \`npm run docs\``);
    process.exitCode = 1;
  } else if (!isCurrent) {
    await writeFile(file, text);
    console.log(`wrote ${relative(root, file)}`);
  }
}

function configurationPage(): string {
  const rows = Object.entries(variables).map(([name, { expected, fallback, meaning }]) => [
    code(name),
    fallback === undefined ? "" : fallback === "" ? "empty" : code(fallback),
    meaning,
    expected,
  ]);
  return `# Configuration

${madeFrom("packages/core/src/variables.ts")}

A worker is set up in two places: options in its \`worker.ts\`, and environment variables. Where both say something, the
variable wins, so that an image can be adapted without a change to its code. The options are described where they are
declared: [worker](../packages/core/src/config.ts), [handler](../packages/core/src/handler.ts).

A variable that is empty counts as unset. All that is wrong is reported at once, by name, with what was expected and
what was found, before anything listens; the engine is told of it too.

${table(["variable", "default", "meaning", "expected"], rows)}

\`VAST_TCP_PORT_<WORKER_PORT>\`, as \`VAST_TCP_PORT_3000\`, holds the port under which \`WORKER_PORT\` is reached from
outside. It is required, unless \`UNSECURED\`. With \`PUBLIC_IPADDR\` it makes the URL that the worker reports, and that
signatures must be made for: \`http[s]://PUBLIC_IPADDR:VAST_TCP_PORT_n\`.

A rented machine sets \`CONTAINER_ID\`, \`PUBLIC_IPADDR\`, \`VAST_TCP_PORT_n\`, \`REPORT_ADDR\` and \`MASTER_TOKEN\` by
itself. On a laptop \`UNSECURED=true\` is enough, with \`MODEL_SERVER_URL\` and \`MODEL_LOG\` where the defaults of
\`worker.ts\` don't fit. Such a worker reports to nobody, unless \`REPORT_ADDR\` or \`CONTAINER_ID\` is set.

${backendSection("vllm", vllmVariables)}

${backendSection("tgi", tgiVariables)}

${backendSection("comfyui", comfyuiVariables)}

@pyworker/wan and @pyworker/ace read the same.
`;
}

/** What a backend reads beside the worker's own variables. */
function backendSection(name: string, own: Readonly<Record<string, string>>): string {
  const file = `packages/${name}/src/read-${name}-options.ts`;
  return `## Beside these, for @pyworker/${name}

*Made from [\`${file}\`](../${file}).*

${table(
  ["variable", "meaning"],
  Object.entries(own).map(([variable, meaning]) => [code(variable), meaning]),
)}`;
}

function errorsPage(): string {
  const rows = Object.entries(errorCodes).map(([name, { advice, status }]) => [code(name), String(status), advice]);
  return `# Errors

${madeFrom("packages/core/src/errors.ts")}

What the worker itself answers. Whatever the model server answers, its errors among them, passes unchanged.

${table(["code", "status", "what to do"], rows)}

- The body is JSON: \`{"error": "…"}\`, or for \`invalid_request\` an object that names each field and its fault, as
  \`{"auth_data": {"signature": "missing parameter"}}\`. See [the wire protocol](wire-protocol.md#2-requests).
- The code is not part of the answer. It is the \`code\` label of \`${metrics.errors.name}\` ([metrics](metrics.md)) and
  stands in the log beside every answer of 500 and 502.
- A refusal as \`queue_full\`, \`not_ready\` or \`draining\` carries \`Retry-After\`. Vast's clients try 408, 429 and 5xx
  again, and no other 4xx.
- An answer that has begun can't become an error any more: where the model server breaks off in the middle, the
  client's connection is cut, so that what is incomplete looks incomplete.
- What causes them on a rented machine is in [deploying](deploying.md#what-an-answer-means-on-vast).
`;
}

function metricsPage(): string {
  const rows = Object.values(metrics).map(({ help, labels, name, type }) => [
    code(name),
    type,
    labels.map(code).join(", "),
    help,
  ]);
  return `# Metrics

${madeFrom("packages/core/src/telemetry.ts")}

\`GET /metrics\` on the internal port (\`WORKER_HTTP_PORT\`, by default \`WORKER_PORT\` + 1, on loopback) answers in the
format of Prometheus. Node's own metrics (\`process_…\`, \`nodejs_…\`) come beside these:

${table(["name", "type", "labels", "meaning"], rows)}

## How an end is counted

Every request that is signed and understood ends as one of four outcomes. The same four go to the engine, in
\`/delete_requests/\`, for all but requests within a session.

| outcome | when | status |
| --- | --- | --- |
| \`success\` | the model server answered below 400 and the answer was complete; \`execute\` returned | the one sent |
| \`error\` | the model server answered 400 or above, or broke off, or can't be reached; the handler's code threw; the worker stopped and the drain deadline passed | the one sent; 503 for the deadline |
| \`cancelled\` | the client left, or the session was closed | 499; 410 for the session |
| \`rejected\` | the worker refused it: not ready, stopping, too long a wait, as many sessions as it takes | 503 or 429 |

- 499 is never sent: there is nobody left to send it to. It stands in metrics and logs only.
- A request that is not signed, or not understood, is in no outcome and no workload. It counts in
  \`${metrics.errors.name}\` alone, under its [code](errors.md); so does every other answer the worker makes itself.
- Two values of \`code\` are no answers: \`client_left\` (nobody to answer) and \`broken_answer\` (a failure after the head
  was sent).
- \`${metrics.workload.name}\` adds up the true cost where a handler settles it, the estimate elsewhere.
- A session counts in \`${metrics.sessions.name}\` while it is open, and under \`/session/create\` once it has ended: as
  \`success\` with its cost when it was closed, as \`rejected\` when it was refused.

## Probes

Beside \`/metrics\`: \`GET /healthz\` answers 200 while the process runs; \`GET /readyz\` answers 200 when requests are
served, else 503, with the state and the error as JSON.
`;
}

function madeFrom(file: string): string {
  return `*Made from [\`${file}\`](../${file}) by \`npm run docs\`: change that file, not this page.*`;
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
