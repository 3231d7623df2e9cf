import { step, type Walk } from "./walk.ts";

const isReady = '"state":"ready"';
/** A worker's own, and what its model server is. */
const backends = [
  { name: "vllm", words: "", port: "18000" },
  { name: "tgi", words: "--backend tgi", port: "5001" },
  { name: "comfyui", words: "--backend comfyui", port: "18188" },
  { name: "wan", words: "--backend comfyui", port: "18188" },
  { name: "ace", words: "--backend comfyui", port: "18188" },
];

/** The commands that packages bring, by npx in an empty folder, as if they were published. */
export const packageWalks: readonly Walk[] = [
  ...backends.map(({ name, port, words }): Walk => {
    const page = `packages/${name}/README.md`;
    const start = step(page, `npx @pyworker/${name}`, { until: isReady });
    return {
      title: page,
      kind: "interop",
      env: {
        npm_config_yes: "true",
        UNSECURED: "true",
        MODE: "direct",
        WORKER_HOST: "127.0.0.1",
        WORKER_PORT: "3000",
        MODEL_SERVER_URL: `http://127.0.0.1:${port}`,
        MODEL_LOG: "/tmp/vllm.log",
        BENCHMARK_FILE: "/tmp/benchmark",
      },
      steps: [
        step("packages/testing/README.md", "node packages/testing/src/cli.ts …", {
          ...{ folder: "/", replace: { "--port 18000": `${words} --port ${port}` }, until: '{"url":' },
        }),
        { ...start, folder: "empty" },
        ...(name === "vllm"
          ? [
              step(page, "export OPENAI_ROUTES=/v1/embeddings,/v1/rerank BENCHMARK_ROUTE=/v1/embeddings", {
                stopsLast: true,
              }),
              start,
            ]
          : []),
      ],
    };
  }),
  {
    title: "packages/engine/README.md",
    kind: "interop",
    env: { npm_config_yes: "true" },
    steps: [step("packages/engine/README.md", "npx @pyworker/engine --port 8080", { until: "REPORT_ADDR=" })],
  },
];
