import { step, type Walk } from "./walk.ts";

/** The log of the page's model server by rote, and whether that is a language model. */
const apps = [
  { name: "custom", log: "model.log", isText: true },
  { name: "llama", log: "llama.log", isText: true },
  { name: "sglang", log: "sglang.log", isText: true },
  { name: "tgi", log: "infer.log", isText: true },
  { name: "vllm", log: "vllm.log", isText: true },
  { name: "ace", log: "comfyui.log", isText: false },
  { name: "comfyui", log: "comfyui.log", isText: false },
  { name: "wan", log: "comfyui.log", isText: false },
];
const isReady = '"state":"ready"';

/** A form with a job and a file. */
const upload = step("docs/comfyui.md", "curl -F input=@input.json …", {
  files: {
    "input.json": JSON.stringify({ modifier: "Text2Image", modifications: { prompt: "a red fox" } }),
    "cat.png": "not looked at",
  },
  replace: { "http://…/": "http://127.0.0.1:3000/" },
  prints: "completed",
});

/** What each app's README says: a model server by rote from this repository, and a copy of the app beside it. */
export const appWalks: readonly Walk[] = apps.map(({ isText, log, name }) => {
  const page = `apps/${name}/README.md`;
  const modelPort = name === "tgi" ? "5001" : isText ? "18000" : "18188";
  return {
    title: page,
    kind: "interop",
    env: {
      WORKER_HOST: "127.0.0.1",
      WORKER_PORT: "3000",
      MODEL_SERVER_URL: `http://127.0.0.1:${modelPort}`,
      MODEL_LOG: `/tmp/${log}`,
      BENCHMARK_FILE: "/tmp/benchmark",
    },
    copyOf: `apps/${name}`,
    steps: [
      step(page, "npx node packages/testing/src/cli.ts …", {
        folder: "/",
        more: `--port ${modelPort}`,
        until: '{"url":',
      }),
      step(page, "npm install", { folder: "." }),
      step(page, "UNSECURED=true …", {
        // The page speaks of a model server that may log anywhere.
        ...(name === "custom" ? { replace: { "its.log": "model.log" } } : {}),
        until: isReady,
      }),
      step(page, "curl http://127.0.0.1:3000/…", { prints: isText ? "This is a stand-in" : "completed" }),
      ...(name === "comfyui" ? [upload] : []),
      step([page, ...(name === "vllm" ? ["docs/from-python.md"] : [])], "npm install && npm start", {
        ...{ stopsLast: true, before: "export UNSECURED=true MODE=direct", until: isReady },
      }),
    ],
  };
});
