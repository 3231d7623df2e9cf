#!/usr/bin/env node
import { parseArgs } from "node:util";
import { createEngine } from "./engine.ts";

const help = `pyworker-engine [options]

A serverless engine for one machine: workers report to it, clients are routed by it.

  --port PORT       default 8080
  --host ADDRESS    default 127.0.0.1; whoever reaches it gets the API key, so keep it to yourself
  --endpoint NAME   the endpoint's name (default: local)
  --api-key KEY     its API key (default: local)
  --help            this text`;

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

async function main(): Promise<void> {
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
    return;
  }
  const { "api-key": apiKey, endpoint: name, host } = values;
  const engine = createEngine({ port: readPort(values.port), host, endpoints: [{ id: 1, name, apiKey }] });
  const { url } = await engine.start();
  console.log(instructions({ url, name, apiKey }));
  const stop = (): void => void engine.stop();
  process.once("SIGINT", stop).once("SIGTERM", stop);
}

function readPort(text: string): number {
  const port = Number(text);
  if (text.trim() === "" || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`--port is a number from 0 to 65535, not "${text}"`);
  }
  return port;
}

function instructions({ apiKey, name, url }: { apiKey: string; name: string; url: string }): string {
  return `\
Engine at ${url}, endpoint "${name}". Ctrl-C ends it; GET / shows what it knows.

A worker's environment (each worker a CONTAINER_ID and a port of its own):
  REPORT_ADDR=${url} CONTAINER_ID=1 PUBLIC_IPADDR=127.0.0.1 WORKER_PORT=3000 VAST_TCP_PORT_3000=3000

Vast's Python client:
  CoroutineServerless.SSL_CERT_URL = "${url}/static/jvastai_root.cer"
  client = CoroutineServerless(api_key="${apiKey}", autoscaler_url="${url}", webserver_url="${url}")
  endpoint = await client.get_endpoint("${name}")
`;
}
