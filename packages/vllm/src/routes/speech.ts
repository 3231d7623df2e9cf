import { bodyOf, wrappable } from "@pyworker/llm";
import { z } from "zod";
import { randomText } from "../random-text.ts";
import { shareOf } from "../share.ts";
import { referencesSchema } from "../uploads/references.ts";
import { benchmarkModel, defineRoute, type Route, type RouteContext } from "./route.ts";

const charactersOfReference = 500;
/** A voice to imitate has to be listened to first. */
const charactersPerVoice = 500;
const itemsInBatch = 4;

/** `POST /v1/audio/speech`, as far as it is read here. */
const speechSchema = z.looseObject({
  input: z.string(),
  ref_audio: referencesSchema(),
  ref_audio_2: referencesSchema(),
  references: referencesSchema("audio_path"),
});

/** `POST /v1/audio/speech/batch`, as far as it is read here. What stands beside the items is for all of them. */
const batchSchema = z.looseObject({
  items: z.array(z.looseObject({ input: z.string(), ref_audio: referencesSchema() })).min(1),
  ref_audio: referencesSchema(),
});

/** Priced by the characters that are spoken, and the voices that are imitated. */
export const speechRoute: Route = (context) =>
  defineRoute({
    payload: wrappable(speechSchema),
    workload: ({ request: { input, ref_audio, ref_audio_2, references } }) =>
      workloadOf(input.length, ref_audio.length + ref_audio_2.length + references.length),
    transform: bodyOf,
    benchmark: {
      generator: () => ({ ...voice(context), input: randomText(charactersOfReference) }),
      concurrency: 4,
      runs: 2,
    },
  });

/** The same for several texts at once. */
export const speechBatchRoute: Route = (context) =>
  defineRoute({
    payload: wrappable(batchSchema),
    workload: ({ request: { items, ref_audio: shared } }) =>
      workloadOf(
        items.reduce((sum, { input }) => sum + input.length, 0),
        items.filter(({ ref_audio: own }) => own.length + shared.length > 0).length,
      ),
    transform: bodyOf,
    benchmark: {
      generator: () => ({
        ...voice(context),
        items: Array.from({ length: itemsInBatch }, () => ({
          input: randomText(charactersOfReference / itemsInBatch),
        })),
      }),
      concurrency: 4,
      runs: 2,
    },
  });

const workloadOf = (characters: number, voices: number): number =>
  shareOf(characters + charactersPerVoice * voices, charactersOfReference);

const voice = ({ benchmarkSpeechVoice, llm }: RouteContext) => ({
  ...benchmarkModel(llm),
  ...(benchmarkSpeechVoice === undefined ? {} : { voice: benchmarkSpeechVoice }),
});
