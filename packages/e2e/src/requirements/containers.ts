import type { Requirement } from "./requirement.ts";

const source = "deploy/README.md";

export const containerRequirements = [
  {
    id: "container/image",
    behaviour:
      "An app's Dockerfile builds from the app's folder alone: what package.json names is installed, and .env stays out",
    source,
  },
  {
    id: "container/process",
    behaviour: "What an image starts is the worker itself: on SIGTERM it finishes what is in flight and ends with 0",
    source,
  },
  {
    id: "container/health",
    behaviour: "The image's health check succeeds while the worker answers, and fails when it doesn't",
    source,
  },
  {
    id: "container/read-only",
    behaviour: "In a container the worker writes the throughput it has measured to BENCHMARK_FILE, and nothing else",
    source,
  },
  {
    id: "container/compose",
    behaviour: "Engine, stand-in and worker of compose.yaml become ready together and serve a signed request",
    source,
  },
  {
    id: "container/kubernetes",
    behaviour:
      "In the example's pod vLLM's log reaches the worker, probes tell how it stands, and vLLM serves while the worker drains",
    source,
  },
  {
    id: "container/metrics",
    behaviour: "Every metric that dashboard, alerts and autoscaling ask for is one that a running worker tells",
    source,
  },
  {
    id: "container/lint",
    behaviour: "Dockerfiles, compose files and Kubernetes manifests are what their tools take",
    source,
  },
] as const satisfies readonly Requirement[];
