import type { ModelAccess } from "@pyworker/core";
import type { ModelLimits } from "@pyworker/llm";
import { z } from "zod";

/** What the model server allows; Infinity where it hasn't said. */
export interface ServerLimits {
  readonly inputTokens: number;
  readonly totalTokens: number;
  readonly concurrentRequests: number;
  readonly bestOf: number;
  readonly stopSequences: number;
  readonly prompts: number;
  /** What a request without a limit may have; undefined: all that fits. */
  readonly newTokens: number | undefined;
}

/** What is known of the model server: what the configuration says, and more once it is loaded. */
export interface ModelServer extends ModelLimits {
  readonly limits: ServerLimits;
  /** Asks it. Rejects where it tells nothing of use. */
  meet(access: Pick<ModelAccess, "getJson">): Promise<void>;
}

const limit = z
  .int()
  .positive()
  .nullish()
  .catch(undefined)
  .transform((value) => value ?? Number.POSITIVE_INFINITY);

const infoSchema = z
  .object({
    model_id: z.string().optional().catch(undefined),
    max_input_tokens: limit,
    /** Its name before 2.0. */
    max_input_length: limit,
    max_total_tokens: limit,
    max_concurrent_requests: limit,
    max_best_of: limit,
    max_stop_sequences: limit,
    max_client_batch_size: limit,
    version: z.string().catch(""),
  })
  .transform((info) => ({
    name: info.model_id,
    limits: {
      inputTokens: Math.min(info.max_input_tokens, info.max_input_length),
      totalTokens: info.max_total_tokens,
      concurrentRequests: info.max_concurrent_requests,
      bestOf: info.max_best_of,
      stopSequences: info.max_stop_sequences,
      prompts: info.max_client_batch_size,
      newTokens: defaultNewTokens(info.version),
    } satisfies ServerLimits,
  }));

/** What is given here wins over what the model server says. */
export function createModelServer(
  given: { name?: string | undefined; maxLength?: number | undefined } = {},
): ModelServer {
  let { limits, name } = infoSchema.parse({});
  return {
    get name() {
      return given.name ?? name;
    },
    get maxLength() {
      return given.maxLength ?? limits.totalTokens;
    },
    get limits() {
      return limits;
    },
    meet: async ({ getJson }) => {
      ({ limits, name } = infoSchema.parse(await getJson("/info")));
    },
  };
}

/** Up to 2.4.1 an answer had 100 tokens where nobody said how many; the next release was 3.0.0. */
function defaultNewTokens(version: string): number | undefined {
  return /^[012]\./.test(version) ? 100 : undefined;
}
