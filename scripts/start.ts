// `npm start`: a local engine, a model server and a real worker between them; then one signed request and its answer.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEngine, type WorkerView } from "@pyworker/engine";
import type { Backend } from "./start/backend.ts";
import { backends } from "./start/backends.ts";
import { createClient } from "./start/client.ts";
import { checkOptions, helpText, readOptions } from "./start/options.ts";
import { startWorker } from "./start/start-worker.ts";

const { positionals, values: options } = readOptions();
const leaving = new AbortController();
/** Ends what runs: the last started first. */
const cleanUps: (() => Promise<unknown>)[] = [];
let stopping: Promise<void> | undefined;

if (options.help) {
  console.log(helpText(Object.keys(backends)));
} else {
  process.on("SIGINT", () => void stop(0)).on("SIGTERM", () => void stop(0));
  await main().catch((error: unknown) => {
    // What is asked for while all is being stopped comes to nothing.
    if (stopping === undefined) {
      console.error(error instanceof Error ? error.message : error);
    }
    return stop(1);
  });
}

async function main(): Promise<void> {
  const { backend, name } = findBackend();
  checkOptions(options, { name, taken: backend.options });
  const folder = await mkdtemp(join(tmpdir(), "pyworker-"));
  cleanUps.push(() => rm(folder, { recursive: true, force: true }));
  const behind = await backend.provide({ options, folder, onStop: (cleanUp) => cleanUps.push(cleanUp) });
  const engine = createEngine({ port: Number(options["engine-port"]) });
  const { url: engineUrl } = await engine.start();
  cleanUps.push(() => engine.stop());
  sayOf("engine", engineUrl);
  for (const { name, note, url } of behind.servers) {
    sayOf(name, url, note);
  }

  const startedAt = Date.now();
  const worker = startWorker({ app: name, engineUrl, folder, port: options.port, environment: behind.environment });
  cleanUps.push(() => worker.stop("SIGTERM"));
  worker.exited.then((code) => {
    if (stopping === undefined) {
      console.error(worker.output());
      console.error(`the worker ended with status ${code}`);
      void stop(1);
    }
  });
  const isSettled = ({ status }: WorkerView): boolean => status === "ready" || status === "error";
  const { errorMessage } = await engine.waitForWorker(isSettled, { timeoutMs: backend.readyWithinMinutes * 60_000 });
  if (errorMessage !== "") {
    throw new Error(`the worker reports: ${errorMessage}`);
  }
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  sayOf("worker", worker.url, `ready after ${seconds} s`);
  const isAnswered = await backend.ask(createClient({ engineUrl, signal: leaving.signal }), options);
  if (options.once) {
    await stop(isAnswered ? 0 : 1);
    return;
  }
  console.log(`\nServing. Ctrl-C stops everything. What the engine knows of the worker:  curl -s ${engineUrl}/`);
}

function findBackend(): { name: string; backend: Backend } {
  const [name = "vllm", ...more] = positionals;
  const backend = backends[name];
  if (backend === undefined || more.length > 0) {
    throw new Error(`unknown backend "${positionals.join(" ")}"; there are: ${Object.keys(backends).join(", ")}`);
  }
  return { name, backend };
}

function sayOf(what: string, url: string, note = ""): void {
  console.log(`${what.padEnd(14)}${url}${note && `  ${note}`}`);
}

function stop(code: number): Promise<void> {
  stopping ??= (async () => {
    leaving.abort();
    for (const cleanUp of cleanUps.reverse()) {
      await cleanUp();
    }
    process.exit(code);
  })();
  return stopping;
}
