import { bodyOf, randomWords, wrappable } from "@pyworker/llm";
import { z } from "zod";
import { countOr, shareOf } from "../share.ts";
import { pixelsOf } from "./picture-size.ts";
import { benchmarkModel, defineRoute, type Route } from "./route.ts";

const sideOfReference = 1024;
const pixelsOfReference = sideOfReference * sideOfReference;
/** The size of the picture that a benchmark asks for. */
export const referenceSize = `${sideOfReference}x${sideOfReference}`;

/** `POST /v1/images/generations`, as far as it is read here. `size` and `n` may be anything: what makes no sense is the engine's to refuse. */
const schema = wrappable(z.looseObject({ prompt: z.string() }));

/** Priced by the pixels of all pictures that are asked for. */
export const imageGenerationRoute: Route = ({ llm }) =>
  defineRoute({
    payload: schema,
    workload: ({ request }) => picturesWorkload(request),
    transform: bodyOf,
    benchmark: {
      generator: () => ({ ...benchmarkModel(llm), prompt: randomWords(wordsInPrompt), size: referenceSize, n: 1 }),
      concurrency: 2,
      runs: 1,
    },
  });

const wordsInPrompt = 12;

/** For pictures that are made, or edited. A size of "auto" is the model's to choose: it prices as the reference. */
export const picturesWorkload = ({ n, size }: Readonly<Record<string, unknown>>): number =>
  shareOf(countOr(n, 1) * (pixelsOf(size) ?? pixelsOfReference), pixelsOfReference);
