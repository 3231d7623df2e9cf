import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ComfyuiServerOptions, startComfyuiServer, startS3Server } from "@pyworker/testing";
import { type Model, type ModelRequest, startModel } from "../harness/start-model.ts";
import { root } from "./pages.ts";
import { type Program, startProgram } from "./start-program.ts";

/** What docs/comfyui.md speaks of, on this machine. */
export interface PageWorld {
  /** A text of the page as it is here. */
  toHere(text: string): string;
  /** A text from here as the page has it. */
  toPage(text: string): string;
  /** What has been sent to the page's webhook, oldest first. */
  readonly received: readonly ModelRequest[];
  stop(): Promise<void>;
}

/** The page's webhook; a request to it is one that a worker makes. */
export const webhookUrl = "https://hooks.example.com";

const nobodysUrl = "http://127.0.0.1:9";
/** What the file server has: a picture of one pixel. */
const picture = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "base64",
);

export async function startPageWorld(): Promise<PageWorld> {
  const folder = await mkdtemp(join(tmpdir(), "pyworker-docs-"));
  const benchmark = join(folder, "benchmark");
  await writeFile(benchmark, "1000");
  const [hooks, files, s3] = await Promise.all([
    startModel((_request, response) => response.end()),
    startModel(({ url }, response) =>
      url === "/cat.png"
        ? response.writeHead(200, { "content-type": "image/png" }).end(picture)
        : response.writeHead(404).end(),
    ),
    startS3Server(),
  ]);
  const comfyui = (name: string, options: ComfyuiServerOptions) =>
    startComfyuiServer({ msPerStep: 5, logFile: join(folder, `${name}.log`), ...options });
  const whole = await comfyui("comfyui", {});
  const broken = await comfyui("broken", { faults: { promptFailures: 1000 } });

  const worker = (app: string, url: string, settings: Partial<Parameters<typeof startProgram>[0]> = {}) =>
    startProgram({
      args: ["--conditions=@pyworker/source", "worker.ts"],
      cwd: `${root}apps/${app}`,
      model: { url, logFile: join(folder, "none.log") },
      env: {
        MODE: "direct",
        BENCHMARK_FILE: benchmark,
        MAX_QUEUE_SIZE: "2",
        FETCH_ALLOWED_HOSTS: [files, s3].map(hostOf).join(","),
        WEBHOOK_ALLOWED_HOSTS: hostOf(hooks),
      },
      ...settings,
    });
  // One after another: each takes a core while it starts.
  const workers: Record<string, Program> = {
    comfyui: await worker("comfyui", whole.url),
    wan: await worker("wan", whole.url),
    ace: await worker("ace", whole.url),
    broken: await worker("comfyui", broken.url),
    loading: await worker("comfyui", nobodysUrl, { until: "listening" }),
  };

  // The one place where what the page names gets its place on this machine.
  const names: readonly [page: string, here: string][] = [
    ...Object.entries(workers).map(([name, { url }]): [string, string] => [`http://${name}/`, `${url}/`]),
    ["https://files.example.com", files.url],
    ["https://s3.example.com", s3.url],
    [webhookUrl, hooks.url],
    ["my-access-key", s3.accessKeyId],
    ["my-secret-key", s3.secretAccessKey],
  ];
  return {
    toHere: (text) => names.reduce((changed, [page, here]) => changed.replaceAll(page, here), text),
    // Accounts stay: nothing answers with one.
    toPage: (text) =>
      names
        .filter(([page]) => page.startsWith("http"))
        .reduce((changed, [page, here]) => changed.replaceAll(here, page), text),
    received: hooks.requests,
    stop: async () => {
      await Promise.all(Object.values(workers).map(({ stop }) => stop()));
      await Promise.all([whole, broken, files, hooks, s3].map(({ stop }) => stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const hostOf = ({ url }: Pick<Model, "url">): string => new URL(url).host;
