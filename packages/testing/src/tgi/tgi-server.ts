import { type ModelServer, type ModelServerOptions, startModelServer } from "../server/model-server.ts";
import { tgiErrorBody } from "./error-body.ts";
import { tgiLogLines } from "./log-lines.ts";
import { type TgiState, tgiRoutes } from "./routes.ts";

export interface TgiServerOptions extends ModelServerOptions {
  /** Before 3, an answer without a limit ends after 100 tokens. */
  version?: string;
  /** One less than `maxTotalTokens` where left out. */
  maxInputTokens?: number;
  /** `maxModelLen` where left out. */
  maxTotalTokens?: number;
  maxConcurrentRequests?: number;
  /** Whether its log is made of objects; coloured text where not, as TGI does unless told. */
  json?: boolean;
}

const generatingPaths = ["/", "/generate", "/generate_stream", "/v1/completions", "/v1/chat/completions"];

/** Starts a model server that answers like Hugging Face's TGI. */
export function startTgiServer(options: TgiServerOptions = {}): Promise<ModelServer> {
  const lines = tgiLogLines({ json: options.json ?? false });
  const state: TgiState = { isHealthy: true, running: 0 };
  return startModelServer(({ maxModelLen, model }) => {
    const maxTotalTokens = options.maxTotalTokens ?? maxModelLen;
    const limits = {
      version: options.version ?? "3.3.7",
      maxTotalTokens,
      maxInputTokens: options.maxInputTokens ?? maxTotalTokens - 1,
      maxConcurrentRequests: options.maxConcurrentRequests ?? 128,
    };
    return {
      routes: tgiRoutes(limits, state),
      errorBody: tgiErrorBody,
      guards: ({ method, path }) => method === "POST" && path !== "/chat_tokenize",
      unauthorized: (response) => void response.writeHead(401).end(),
      starting: () => {
        state.isHealthy = true;
        return lines.starting(model);
      },
      loading: lines.loading,
      ready: lines.ready,
      access: (request, status) =>
        generatingPaths.includes(request.path) && request.method === "POST" && status === 200
          ? lines.requestSuccess(request)
          : [],
      failed: ({ method }, status) => {
        if (method === "POST" && (status === 424 || status === 500)) {
          state.isHealthy = false;
        }
      },
    };
  }, options);
}
