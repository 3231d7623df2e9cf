import { once } from "node:events";
import { connect } from "node:net";
import { createHealthProbe } from "../model/health.ts";
import { targetOf } from "../model/wait-for-port.ts";
import { reasonOf } from "../reason-of.ts";
import type { Finding } from "./finding.ts";

interface ModelServer {
  modelUrl: URL;
  healthUrl: (() => string) | undefined;
  signal: AbortSignal;
}

const name = "model server";

/** Whether the model server takes connections, and says that it is well where there is a URL to ask. */
export async function checkModelServer({ healthUrl, modelUrl, signal }: ModelServer): Promise<readonly Finding[]> {
  const unreachable = await connectTo(modelUrl, signal);
  if (unreachable !== undefined) {
    return [
      {
        name,
        outcome: "wrong",
        expected: `a server at ${modelUrl.origin}`,
        found: unreachable,
        advice: "start it, or set MODEL_SERVER_URL",
      },
    ];
  }
  return [
    healthUrl === undefined
      ? { name, outcome: "ok", found: `${modelUrl.origin} takes connections` }
      : await checkHealth(healthUrl(), signal),
  ];
}

async function checkHealth(given: string, signal: AbortSignal): Promise<Finding> {
  const probe = createHealthProbe({ url: () => given, onUp: () => {}, onDown: () => {} });
  signal.addEventListener("abort", () => void probe.stop(), { once: true });
  const failure = await probe.check();
  await probe.stop();
  const { origin, pathname } = new URL(given);
  const url = origin + pathname;
  return failure === undefined
    ? { name, outcome: "ok", found: `${url} answers 200` }
    : {
        name,
        outcome: "wrong",
        expected: `200 from ${url}`,
        found: failure,
        advice: "wait until the model is loaded, or set MODEL_HEALTH_ENDPOINT",
      };
}

/** Why no connection can be made; undefined where one can. */
async function connectTo(url: URL, signal: AbortSignal): Promise<string | undefined> {
  const socket = connect(targetOf(url));
  try {
    await once(socket, "connect", { signal });
    return undefined;
  } catch (error) {
    return signal.aborted ? "no answer" : reasonOf(error);
  } finally {
    socket.destroy();
  }
}
