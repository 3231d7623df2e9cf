import { z } from "zod";
import { type BenchmarkDefinition, type ResolvedBenchmark, resolveBenchmark } from "./benchmark-definition.ts";
import type { Multipart } from "./multipart.ts";
import type { ControlRoute, PassthroughRoute } from "./other-routes.ts";
import type { ClientResponse, ModelResponse } from "./responses.ts";
import type { ServeContext } from "./serve-context.ts";

/** Sees the model server's answer on its way to the client, chunk by chunk. */
export interface ResponseWatcher {
  /** True when `chunk` may return other bytes than it got; the answer then carries no content-length. Read after `head`. */
  readonly rewrites: boolean;
  /** Status and headers, once, before the first chunk. */
  head?(status: number, headers: ModelResponse["headers"]): void;
  /** One chunk as it came; returns what the client gets in its place (the same Buffer: untouched; undefined: nothing). */
  chunk(chunk: Buffer): Buffer | undefined;
  /** The answer is complete; returns what is still to be sent. */
  end?(): Buffer | undefined;
}

/** What `watch` is told about the request it watches. */
export interface WatchContext<Payload> {
  payload: Payload;
  /** The workload the request was admitted with. */
  workload: number;
  /** Books the true cost, once it is known. The last call before the end counts. */
  settle(workload: number): void;
  /** Tells how much of the cost is still to come. Cheap: call it for each chunk. The worker's load is what remains. */
  remaining(workload: number): void;
  /** The answer is an error although its status says otherwise: an error event inside a stream, say. It passes untouched. */
  fail(reason: string): void;
  /** Aborted when the request is given up: the client has left, say. */
  signal: AbortSignal;
}

/** What `execute` is given beside the payload. */
export interface ExecuteContext {
  /** Aborted when the client leaves, the session closes or the worker's drain deadline passes. */
  signal: AbortSignal;
  /** Sends a progress value to a client that accepts `text/event-stream`; does nothing for others. */
  progress(value: unknown): void;
  /** Books the true cost, once it is known. */
  settle(workload: number): void;
}

interface HandlerBase<Schema extends z.ZodType> {
  /** The path it answers, for POST. */
  route: string;
  /** What a payload must look like. */
  payload: Schema;
  /** false: one request at a time, first in first out, across all such handlers. A number: that many at a time. Default false. */
  allowParallelRequests?: boolean | number;
  /** Longest expected wait in seconds before a request is refused with 429; null: never. Default 30. */
  maxQueueTime?: number | null;
  /** Largest request body. Default 512 MiB. */
  maxBodyBytes?: number;
  /** The cost of one request, in units of the app's choice. Default 100. */
  workload?: (payload: z.output<Schema>) => number;
  /** Exactly one handler of a worker has one. */
  benchmark?: BenchmarkDefinition<z.input<Schema>>;
  /** Other requests to the model server that may pass. */
  passthrough?: readonly PassthroughRoute[];
  /** Requests about this handler's work: what became of it, or that it shall end. */
  controls?: readonly ControlRoute[];
}

interface ForwardDefinition<Schema extends z.ZodType> extends HandlerBase<Schema> {
  /** The model server's path. Default: `route`. */
  modelRoute?: string;
  /**
   * What the model server gets: JSON or `multipart({…})`. Without it, or where it returns undefined, the payload's
   * bytes go as they came. A value made by the schema (a default, say) reaches the model only through `transform`.
   */
  transform?: (payload: z.output<Schema>) => unknown | Multipart | Promise<unknown | Multipart>;
  /** Shapes the answer. Buffers it: not for streams. */
  respond?: (response: ModelResponse, payload: z.output<Schema>) => ClientResponse | Promise<ClientResponse>;
  /** Watches the answer go by. */
  watch?: (context: WatchContext<z.output<Schema>>) => ResponseWatcher | undefined;
  execute?: never;
  serve?: never;
}

interface ExecuteDefinition<Schema extends z.ZodType> extends HandlerBase<Schema> {
  /** Does the work in this process. Its result is answered as `{"result": …}`. */
  execute: (payload: z.output<Schema>, context: ExecuteContext) => unknown;
  modelRoute?: never;
  transform?: never;
  respond?: never;
  watch?: never;
  serve?: never;
}

interface ServeDefinition<Schema extends z.ZodType> extends HandlerBase<Schema> {
  /**
   * Does the work in this process, with an answer of its own making, and waits for its turn where it needs one. The
   * status of what it returns is booked; it is sent too, unless an answer has begun by then.
   */
  serve: (payload: z.output<Schema>, context: ServeContext) => Promise<ClientResponse>;
  modelRoute?: never;
  transform?: never;
  respond?: never;
  watch?: never;
  execute?: never;
}

/** What one route takes, costs and does. It forwards to the model server, or executes or serves in this process. */
export type HandlerDefinition<Schema extends z.ZodType> =
  | ForwardDefinition<Schema>
  | ExecuteDefinition<Schema>
  | ServeDefinition<Schema>;

/** A payload that passed its schema, with what the handler does with it. */
export interface PreparedRequest {
  workload(): number;
  transform(): unknown;
  respond: ((response: ModelResponse) => ClientResponse | Promise<ClientResponse>) | undefined;
  watch(context: Omit<WatchContext<unknown>, "payload">): ResponseWatcher | undefined;
  execute(context: ExecuteContext): unknown;
  /** Undefined where the handler doesn't serve. */
  serve: ((context: ServeContext) => Promise<ClientResponse>) | undefined;
}

/** A payload that did not, with the fault of each field by its path. */
export interface PayloadRefusal {
  problems: Record<string, string>;
}

/** A handler with its defaults filled in; the payload's type stays inside. */
export interface Handler {
  readonly route: string;
  readonly modelRoute: string;
  readonly kind: "forward" | "execute" | "serve";
  readonly allowParallelRequests: boolean | number;
  readonly maxQueueTime: number | null;
  readonly maxBodyBytes: number;
  readonly passthrough: readonly PassthroughRoute[];
  readonly controls: readonly ControlRoute[];
  readonly benchmark: ResolvedBenchmark | undefined;
  prepare(payload: unknown): PreparedRequest | PayloadRefusal;
}

export const defaultWorkload = 100;
const defaultMaxBodyBytes = 512 * 1024 * 1024;

/** Any JSON object: the schema of a handler that reads nothing of its payload. */
export const anyPayload = z.looseObject({});

/**
 * Declares one route of a worker. Types of `workload`, `transform` and the others come from the schema in `payload`.
 * Settings are checked when the worker starts, all of them at once.
 */
export function defineHandler<Schema extends z.ZodType>(definition: HandlerDefinition<Schema>): Handler {
  const { benchmark, payload: schema, route } = definition;
  return {
    route,
    modelRoute: definition.modelRoute ?? route,
    kind: kindOf(definition),
    allowParallelRequests: definition.allowParallelRequests ?? false,
    maxQueueTime: definition.maxQueueTime === undefined ? 30 : definition.maxQueueTime,
    maxBodyBytes: definition.maxBodyBytes ?? defaultMaxBodyBytes,
    passthrough: definition.passthrough ?? [],
    controls: definition.controls ?? [],
    benchmark: benchmark && resolveBenchmark(benchmark),
    prepare: (value) => {
      const parsed = schema.safeParse(value);
      return parsed.success ? prepareRequest(definition, parsed.data) : { problems: describeIssues(parsed.error) };
    },
  };
}

function kindOf({ execute, serve }: { execute?: unknown; serve?: unknown }): Handler["kind"] {
  if (serve !== undefined) {
    return "serve";
  }
  return execute === undefined ? "forward" : "execute";
}

function prepareRequest<Schema extends z.ZodType>(
  { workload, transform, respond, watch, execute, serve }: HandlerDefinition<Schema>,
  payload: z.output<Schema>,
): PreparedRequest {
  return {
    workload: () => workload?.(payload) ?? defaultWorkload,
    transform: () => transform?.(payload),
    respond: respond && ((response) => respond(response, payload)),
    watch: (context) => watch?.({ ...context, payload }),
    execute: (context) => execute?.(payload, context),
    serve: serve && ((context) => serve(payload, context)),
  };
}

/** The fault of each field, by its path (`messages.0.content`). The whole payload's path is empty. */
export function describeIssues(error: z.ZodError): Record<string, string> {
  const problems: Record<string, string> = Object.create(null);
  for (const issue of error.issues) {
    problems[issue.path.join(".")] ??= issue.message;
  }
  return problems;
}
