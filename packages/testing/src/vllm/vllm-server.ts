import { type ModelServer, type ModelServerOptions, startModelServer } from "../server/model-server.ts";
import { sendJson } from "../server/send-json.ts";
import { errorBody } from "./error-body.ts";
import { colourLine, vllmLogLines } from "./log-lines.ts";
import { vllmRoutes } from "./routes.ts";

export type VllmServerOptions = ModelServerOptions;
export type VllmServer = ModelServer;

/** Starts a model server that answers like vLLM. */
export const startVllmServer = (options: VllmServerOptions = {}): Promise<VllmServer> =>
  startModelServer(
    ({ maxModelLen, model }) => ({
      routes: vllmRoutes(),
      errorBody,
      guards: ({ path }) => path.startsWith("/v1"),
      unauthorized: (response) => sendJson(response, 401, { error: "Unauthorized" }),
      starting: () => vllmLogLines.starting(model),
      loading: () => vllmLogLines.loading(model, maxModelLen),
      ready: (port) => vllmLogLines.ready(port),
      colour: colourLine,
    }),
    options,
  );
