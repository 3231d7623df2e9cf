import { multipart, stringifyJson } from "@pyworker/core";
import { randomWords } from "@pyworker/llm";
import { z } from "zod";
import { countOr, shareOf } from "../share.ts";
import { audioTypes, type FileTypes, imageTypes, maskTypes, videoTypes } from "../uploads/file-types.ts";
import { mostBytesInBody } from "../uploads/limits.ts";
import type { FileField } from "../uploads/read-files.ts";
import { referencesSchema } from "../uploads/references.ts";
import { formFields, uploadForm } from "../uploads/upload-form.ts";
import { pixelsOf } from "./picture-size.ts";
import { defineRoute, type Route } from "./route.ts";

const referenceSize = "832x480";
const pixelsOfReference = 832 * 480;
const framesOfReference = 33;
const framesPerSecond = 24;
const wordsInPrompt = 12;

const fileField = (name: string, defaultName: string, types: FileTypes, isList = false): FileField => ({
  name,
  nameField: `${name}_filename`,
  defaultName,
  types,
  isList,
});
const pictures = { ...imageTypes, ...videoTypes };
/** MP4 and WebM may be sound alone; among pictures they are taken for videos. */
const anything = { ...audioTypes, ...pictures };

const references = {
  image_reference: referencesSchema("image_url"),
  video_reference: referencesSchema("video_url"),
  audio_reference: referencesSchema("audio_url"),
};

/** `POST /v1/videos/sync`, as far as it is read here. Counts may be anything: what makes no sense is the engine's to refuse. */
const schema = uploadForm(z.looseObject({ prompt: z.string(), ...references }), [
  fileField("input_reference", "image.png", pictures),
  fileField("input_references", "image.png", anything, true),
  fileField("control_reference", "image.png", pictures),
  fileField("source_video", "video.mp4", videoTypes),
  fileField("source_audio", "audio.wav", audioTypes),
  fileField("video_noise_mask", "mask.json", maskTypes),
  fileField("audio_noise_mask", "mask.json", maskTypes),
]);

/** Priced by the pixels of all frames. */
export const videoRoute: Route = ({ llm }) =>
  defineRoute({
    payload: schema,
    maxBodyBytes: mostBytesInBody,
    workload: ({ request }) =>
      shareOf(
        pixelsOfFrame(request) * framesOf(request) * countOr(request.num_outputs_per_prompt, 1),
        pixelsOfReference * framesOfReference,
      ),
    transform: (form) => multipart(withJsonLists(formFields(form, llm.model.name))),
    benchmark: {
      generator: () => ({ prompt: randomWords(wordsInPrompt), size: referenceSize, num_frames: framesOfReference }),
      concurrency: 1,
      runs: 1,
    },
  });

type Counts = Readonly<Record<string, unknown>>;

function pixelsOfFrame({ height, size, width }: Counts): number {
  const given = countOr(width, 0) * countOr(height, 0);
  return pixelsOf(size) ?? (given > 0 ? given : pixelsOfReference);
}

function framesOf({ fps, num_frames: frames, seconds }: Counts): number {
  const inTime = Math.ceil(countOr(seconds, 0) * countOr(fps, framesPerSecond));
  return countOr(frames, inTime > 0 ? inTime : framesOfReference);
}

/** A list of references is one field, which holds JSON; a list of files is a field for each. */
const withJsonLists = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      name in references && Array.isArray(value) ? stringifyJson(value) : value,
    ]),
  );
