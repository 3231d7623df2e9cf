export { type CountQueue, createCountQueue } from "./count-queue.ts";
export { randomWords } from "./random-words.ts";
export {
  bareOrWrapped,
  type Chat,
  type Completion,
  chatSchema,
  completionSchema,
  type TextRequest,
  type Wrapped,
} from "./schemas.ts";
export { askForUsage, isUsageOurs, unwrap } from "./stream-options.ts";
export { readChat, readCompletion, type TextTask } from "./text-task.ts";
export { createUsageFinder, type Usage, type UsageReader } from "./usage.ts";
export { createUsageStream } from "./usage-stream.ts";
export { watchUsage } from "./watch-usage.ts";
export { createPricing, type Pricing, type WorkloadOptions } from "./workload.ts";
