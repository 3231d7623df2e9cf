import type { ResponseWatcher, WatchContext } from "@pyworker/core";
import type { TextRequest, Wrapped } from "./schemas.ts";
import { findUsage } from "./usage.ts";
import { createUsageStream } from "./usage-stream.ts";
import type { Pricing, Usage } from "./workload.ts";

/** vLLM puts the usage behind the choices: it is within the last bytes of an answer. */
const tailBytes = 4096;

/** Books what a request really cost, as soon as its answer says so. */
export function watchUsage(
  pricing: Pricing,
  { payload: { request }, settle }: WatchContext<Wrapped<TextRequest>>,
): ResponseWatcher {
  const book = (usage: Usage): void => {
    const workload = pricing.settle(request, usage);
    if (workload !== undefined) {
      settle(workload);
    }
  };
  return request.stream ? watchStream(request, book) : watchWhole(book);
}

function watchStream(request: TextRequest, onUsage: (usage: Usage) => void): ResponseWatcher {
  const strip = !asksForUsage(request);
  const stream = createUsageStream({ strip, onUsage });
  return { rewrites: strip, chunk: stream.push, end: stream.end };
}

function watchWhole(onUsage: (usage: Usage) => void): ResponseWatcher {
  let tail: Buffer = Buffer.alloc(0);
  return {
    rewrites: false,
    chunk: (chunk) => {
      tail = tail.length === 0 || chunk.length >= tailBytes ? chunk : Buffer.concat([tail, chunk]).subarray(-tailBytes);
      return chunk;
    },
    end: () => {
      const usage = findUsage(tail.subarray(-tailBytes).toString());
      if (usage !== undefined) {
        onUsage(usage);
      }
      return undefined;
    },
  };
}

/** vLLM sends usage whenever `stream_options` is there, unless told not to. */
const asksForUsage = ({ stream_options: options }: TextRequest): boolean =>
  options !== undefined && options !== null && options.include_usage !== false;

/** The body for the engine: with usage asked for in streams; undefined where the client's own bytes will do. */
export function askForUsage({ isWrapped, request }: Wrapped<TextRequest>): TextRequest | undefined {
  if (request.stream && !asksForUsage(request)) {
    return { ...request, stream_options: { ...request.stream_options, include_usage: true } };
  }
  return isWrapped ? request : undefined;
}
