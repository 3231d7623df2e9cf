import { bodyOf, wrappable } from "@pyworker/llm";
import { z } from "zod";
import { randomText } from "../random-text.ts";
import { referenceWorkload } from "../share.ts";
import { benchmarkModel, defineRoute, type Route } from "./route.ts";

const charactersInBenchmark = 60;
const secondsInBenchmark = 10;

/** `POST /v1/audio/generate`: music and sounds by their description. Its length is the model's own, so each costs the same. */
export const audioGenerateRoute: Route = ({ llm }) =>
  defineRoute({
    payload: wrappable(z.looseObject({ input: z.string() })),
    workload: () => referenceWorkload,
    transform: bodyOf,
    benchmark: {
      generator: () => ({
        ...benchmarkModel(llm),
        input: randomText(charactersInBenchmark),
        audio_length: secondsInBenchmark,
      }),
      concurrency: 2,
      runs: 1,
    },
  });
