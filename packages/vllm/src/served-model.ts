import type { ModelAccess } from "@pyworker/core";
import type { ModelLimits } from "@pyworker/llm";
import { z } from "zod";

/** What is known of the model: what the configuration says, and more once it is loaded. */
export interface ServedModel extends ModelLimits {
  /** Asks the model server. Rejects where it gives no list of models. */
  meet(access: Pick<ModelAccess, "getJson">): Promise<void>;
}

const length = z.int().positive().nullish().catch(undefined);

/** vLLM and SGLang tell `max_model_len`, llama.cpp `meta.n_ctx`. */
const modelsSchema = z.object({
  data: z
    .array(
      z.object({
        id: z.string(),
        max_model_len: length,
        meta: z.object({ n_ctx: length }).nullish().catch(undefined),
      }),
    )
    .min(1),
});

/** What is given here wins over what the model server says, but for a name that it doesn't know. */
export function createServedModel(given: { name?: string | undefined; maxLength?: number | undefined }): ServedModel {
  let { name } = given;
  let found: number | undefined;
  return {
    get name() {
      return name;
    },
    get maxLength() {
      return given.maxLength ?? found ?? Number.POSITIVE_INFINITY;
    },
    meet: async ({ getJson }) => {
      const { data } = modelsSchema.parse(await getJson("/v1/models"));
      const own = data.find(({ id }) => id === given.name) ?? data[0];
      // An adapter's entry has no length of its own: it's the base model's.
      const lengths = [own, ...data].map((card) => card?.max_model_len ?? card?.meta?.n_ctx ?? undefined);
      name = own?.id ?? name;
      found = lengths.find((value) => value !== undefined);
    },
  };
}
