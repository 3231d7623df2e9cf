import { type Step, step, type Walk } from "./walk.ts";

interface App {
  name: string;
  /** Where its model server by rote listens. */
  modelPort: string;
  isText: boolean;
}

const apps: readonly App[] = [
  { name: "llama", modelPort: "18000", isText: true },
  { name: "sglang", modelPort: "18000", isText: true },
  { name: "tgi", modelPort: "5001", isText: true },
  { name: "vllm", modelPort: "18000", isText: true },
  { name: "ace", modelPort: "18188", isText: false },
  { name: "comfyui", modelPort: "18188", isText: false },
  { name: "wan", modelPort: "18188", isText: false },
];
const isReady = '"state":"ready"';

/** A folder of the reader's own, made in this repository as if the reader stood in a clone. */
const makeApp = (pages: readonly string[], name: string): Step[] => [
  step(pages, `npm run new-app -- ../my-worker --backend ${name}`, {
    ...{ folder: "/", replace: { "../my-worker": "/tmp/my-worker" }, prints: "npm install" },
  }),
  step(`apps/${name}/README.md`, "npm install", { folder: "tmp/my-worker" }),
];

/** A form with a job and a file. */
const upload = step("docs/comfyui.md", "curl -F 'input=<input.json' …", {
  files: {
    "tmp/my-worker/input.json": JSON.stringify({ modifier: "Text2Image", modifications: { prompt: "a red fox" } }),
    "tmp/my-worker/cat.png": "not looked at",
  },
  replace: { "http://…/": "http://127.0.0.1:3000/" },
  prints: "completed",
});

/** What the README of each app says, in a copy of the app. */
const builtOnPackages = apps.map(({ isText, modelPort, name }): Walk => {
  const page = `apps/${name}/README.md`;
  return {
    title: page,
    kind: "interop",
    env: {
      WORKER_HOST: "127.0.0.1",
      WORKER_PORT: "3000",
      // The pages name it where it isn't the app's own; here it is always another.
      MODEL_SERVER_URL: `http://127.0.0.1:${modelPort}`,
      BENCHMARK_FILE: "/tmp/benchmark",
    },
    steps: [
      ...makeApp(name === "vllm" ? [page, "docs/deploying.md"] : [page], name),
      step(page, "npx pyworker-stand-in …", {
        ...(isText && modelPort === "18000" ? { more: "--port 18000" } : {}),
        until: '{"url":',
      }),
      step(page, "UNSECURED=true …", { until: isReady }),
      step(page, "curl http://127.0.0.1:3000/…", { prints: isText ? "This is a stand-in" : "completed" }),
      ...(name === "comfyui" ? [upload] : []),
    ],
  };
});

const customPage = "apps/custom/README.md";

/** The one that is taught from its model server on. */
const custom: Walk = {
  title: customPage,
  kind: "interop",
  env: {
    npm_config_yes: "true",
    PORT: "18000",
    MODEL_SERVER_PORT: "18000",
    WORKER_HOST: "127.0.0.1",
    WORKER_PORT: "3000",
    LOAD_SECONDS: "0.1",
  },
  steps: [
    ...makeApp([customPage], "custom"),
    // It prints nothing; the worker waits for its log.
    step(customPage, "node model-server.ts", { until: "" }),
    step(customPage, "npx @pyworker/engine --port 8080", { until: "REPORT_ADDR=" }),
    step(customPage, "UNSECURED=true REPORT_ADDR=…", { until: isReady }),
    step(customPage, "curl http://127.0.0.1:3000/draw …", { more: "&& head -c 4 picture.png", prints: "PNG" }),
    step(customPage, "curl http://127.0.0.1:8080/", { prints: '"status":"ready"' }),
    step(customPage, 'FAIL="out of memory" node model-server.ts', {
      more: "; cat model.log",
      prints: "FATAL out of memory",
    }),
  ],
};

export const appWalks: readonly Walk[] = [...builtOnPackages, custom];
