#!/usr/bin/env node
import { parseArgs } from "node:util";
import { createEngine } from "./engine.ts";

const help = `pyworker-engine [options]

A serverless engine for one machine: workers report to it, clients are routed by it.

  --port PORT       default 8080
  --host ADDRESS    default 127.0.0.1
  --endpoint NAME   the endpoint's name (default: local)
  --api-key KEY     its API key (default: local)
  --help            this text`;

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "8080" },
    host: { type: "string", default: "127.0.0.1" },
    endpoint: { type: "string", default: "local" },
    "api-key": { type: "string", default: "local" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  console.log(help);
} else {
  const endpoints = [{ id: 1, name: values.endpoint, apiKey: values["api-key"] }];
  const engine = createEngine({ port: Number(values.port), host: values.host, endpoints });
  const { url } = await engine.start();
  console.log(`Engine at ${url}, endpoint "${values.endpoint}".`);
  console.log(`For a worker:  REPORT_ADDR=${url} CONTAINER_ID=1 PUBLIC_IPADDR=127.0.0.1 VAST_TCP_PORT_3000=3000`);
  process.once("SIGINT", () => void engine.stop()).once("SIGTERM", () => void engine.stop());
}
