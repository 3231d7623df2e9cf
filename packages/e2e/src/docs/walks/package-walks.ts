import { readFileSync } from "node:fs";
import { root } from "../pages.ts";
import { type Step, step, type Walk } from "./walk.ts";

interface Backend {
  name: string;
  /** Its model server by rote, and where that listens. */
  standIn: string;
  port: string;
}

const backends: readonly Backend[] = [
  { name: "vllm", standIn: "vllm", port: "18000" },
  { name: "tgi", standIn: "tgi", port: "5001" },
  { name: "comfyui", standIn: "comfyui", port: "18188" },
  { name: "wan", standIn: "comfyui", port: "18188" },
  { name: "ace", standIn: "comfyui", port: "18188" },
];
const testingPage = "packages/testing/README.md";
const deployPage = "deploy/README.md";
const isReady = '"state":"ready"';
const here = "--port 3000 --engine-port 8080";

const environment = {
  npm_config_yes: "true",
  MODE: "direct",
  WORKER_HOST: "127.0.0.1",
  WORKER_PORT: "3000",
  WORKER_HTTP_PORT: "3001",
  MODEL_LOG: "/tmp/vllm.log",
  BENCHMARK_FILE: "/tmp/benchmark",
};

const startStandIn = ({ port, standIn }: Pick<Backend, "port" | "standIn">): Step =>
  step(testingPage, "npx @pyworker/testing --backend vllm …", {
    folder: "empty",
    replace: { "--backend vllm --port 18000": `--backend ${standIn} --port ${port}` },
    until: '{"url":',
  });

/** What the pages say of vllm beside what they say of all. */
function moreOfVllm(start: Step): Step[] {
  const routes = "export OPENAI_ROUTES=/v1/embeddings,/v1/rerank BENCHMARK_ROUTE=/v1/embeddings";
  return [
    step("docs/operations.md", "curl http://127.0.0.1:3001/readyz", { prints: '"ready":true' }),
    step("packages/vllm/README.md", routes, { stopsLast: true }),
    start,
    // In a clone, with a model server of the reader's.
    step("README.md", "npm start -- --model-url …", {
      ...{ stopsLast: true, folder: "/", more: `${here} --once`, prints: "< This is a stand-in for a model" },
      ...{ replace: { "$PWD/vllm.log": "/tmp/vllm.log" }, before: "unset OPENAI_ROUTES BENCHMARK_ROUTE MODEL_LOG" },
    }),
  ];
}

const ofBackends = backends.map(({ name, port, standIn }): Walk => {
  const page = `packages/${name}/README.md`;
  const elsewhere = name === "vllm" ? ["README.md", "docs/deploying.md"] : [];
  const start = step(
    [page, ...elsewhere, ...(name === "vllm" ? ["packages/core/README.md"] : [])],
    `npx @pyworker/${name}`,
    {
      until: isReady,
    },
  );
  return {
    title: page,
    kind: "interop",
    env: { ...environment, UNSECURED: "true", MODEL_SERVER_URL: `http://127.0.0.1:${port}` },
    steps: [
      startStandIn({ port, standIn }),
      step(page, `npx @pyworker/${name} --help`, { prints: "MODEL_SERVER_URL" }),
      step([page, ...elsewhere], `npx @pyworker/${name} --check`, { prints: "\n0 wrong" }),
      start,
      ...(name === "vllm" ? moreOfVllm(start) : []),
    ],
  };
});

/** An endpoint of one machine: what the compose file runs in containers, asked as its page says. */
const endpoint: Walk = {
  title: `${deployPage}, without containers`,
  kind: "interop",
  env: {
    ...environment,
    CONTAINER_ID: "1",
    PUBLIC_IPADDR: "127.0.0.1",
    REPORT_ADDR: "http://127.0.0.1:8080",
    MODEL_SERVER_URL: "http://127.0.0.1:18000",
  },
  steps: [
    step("packages/engine/README.md", "npx @pyworker/engine --port 8080", { folder: "empty", until: "REPORT_ADDR=" }),
    startStandIn({ port: "18000", standIn: "vllm" }),
    step("packages/vllm/README.md", "npx @pyworker/vllm", {
      before: 'export "VAST_TCP_PORT_$WORKER_PORT=$WORKER_PORT"',
      until: isReady,
    }),
    step(deployPage, "route=…"),
    step(deployPage, "curl http://127.0.0.1:3000/v1/completions …", { prints: "This is a stand-in" }),
  ],
};

const deployingPage = "docs/deploying.md";

/** A project that has the package as a dependency, and the app's program as its own. */
const dependent: Walk = {
  title: `${deployingPage}, a project of its reader's`,
  kind: "interop",
  env: { ...environment, UNSECURED: "true", MODEL_SERVER_URL: "http://127.0.0.1:18000" },
  steps: [
    startStandIn({ port: "18000", standIn: "vllm" }),
    step(deployingPage, "npm install @pyworker/vllm", { folder: "project" }),
    step(deployingPage, "npm pkg set type=module"),
    step(deployingPage, "node worker.ts", {
      files: { "project/worker.ts": readFileSync(`${root}apps/vllm/worker.ts`, "utf8") },
      until: isReady,
    }),
  ],
};

/** What a project's own tests install. */
const testing: Walk = {
  title: testingPage,
  kind: "interop",
  steps: [step(testingPage, "npm install --save-dev @pyworker/testing", { folder: "empty" })],
};

/** The commands that packages bring, by npx in an empty folder, as if they were published. */
export const packageWalks: readonly Walk[] = [...ofBackends, endpoint, dependent, testing];
