import type { ResponseWatcher } from "@pyworker/core";
import { createUsageFinder } from "@pyworker/llm";
import { z } from "zod";

const durationSchema = z.object({
  usage: z.object({ type: z.literal("duration"), seconds: z.number().nonnegative() }),
});

/** Finds in an answer how many seconds of audio the engine says it has heard. */
export function watchDuration(onSeconds: (seconds: number) => void): ResponseWatcher {
  const finder = createUsageFinder((holder) => {
    const found = durationSchema.safeParse(holder).data;
    if (found !== undefined) {
      onSeconds(found.usage.seconds);
    }
  });
  return { rewrites: false, chunk: (chunk) => finder.push(chunk), end: () => finder.end() };
}
