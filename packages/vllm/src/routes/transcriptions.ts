import { type FilePart, multipart } from "@pyworker/core";
import { z } from "zod";
import { shareOf } from "../share.ts";
import { benchmarkSpeech } from "../uploads/benchmark-speech.ts";
import { audioTypes } from "../uploads/file-types.ts";
import { mostBytesInBody } from "../uploads/limits.ts";
import { secondsOfAudio } from "../uploads/seconds-of-audio.ts";
import { formFields, type UploadForm, uploadForm } from "../uploads/upload-form.ts";
import { defineRoute, type Route } from "./route.ts";
import { watchDuration } from "./watch-duration.ts";

const secondsOfReference = 30;

/** `POST /v1/audio/transcriptions` and `/v1/audio/translations`, as far as they are read here. */
const schema = uploadForm(z.looseObject({}), [
  {
    name: "file",
    nameField: "filename",
    defaultName: "audio.wav",
    types: audioTypes,
    isRequired: () => true,
  },
]);

/** Priced by the length of the recording, and settled by what the engine says of it. */
export const transcriptionRoute: Route = ({ llm }) =>
  defineRoute({
    payload: schema,
    maxBodyBytes: mostBytesInBody,
    workload: ({ files }) => workloadOf(secondsOf(files)),
    transform: (form) => multipart(withListNames(formFields(form, llm.model.name))),
    watch: ({ settle }) => watchDuration((seconds) => settle(workloadOf(seconds))),
    benchmark: {
      generator: async () => ({ file: (await benchmarkSpeech(secondsOfReference)).toString("base64") }),
      concurrency: 4,
      runs: 2,
    },
  });

const workloadOf = (seconds: number): number => shareOf(seconds, secondsOfReference);

const secondsOf = (files: UploadForm<unknown>["files"]): number =>
  Object.values(files)
    .flat()
    .reduce((sum, file: FilePart) => sum + secondsOfAudio(file), 0);

/** OpenAI's forms mark the name of a list: `timestamp_granularities[]`. */
const withListNames = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      Array.isArray(value) && name !== "file" && !name.endsWith("[]") ? `${name}[]` : name,
      value,
    ]),
  );
