import { multipart } from "@pyworker/core";
import { randomWords } from "@pyworker/llm";
import { z } from "zod";
import { imageTypes } from "../uploads/file-types.ts";
import { mostBytesInBody } from "../uploads/limits.ts";
import { randomPng } from "../uploads/random-png.ts";
import { isAbsent } from "../uploads/read-files.ts";
import { referencesSchema } from "../uploads/references.ts";
import { formFields, uploadForm } from "../uploads/upload-form.ts";
import { picturesWorkload, referenceSize } from "./image-generations.ts";
import { defineRoute, type Route } from "./route.ts";

const sideOfBenchmarkPicture = 1024;
const wordsInPrompt = 12;

/** `POST /v1/images/edits`, as far as it is read here: pictures come as files, or as addresses that the engine fetches. */
const schema = uploadForm(z.looseObject({ prompt: z.string(), url: referencesSchema(), "url[]": referencesSchema() }), [
  {
    name: "image",
    nameField: "filename",
    defaultName: "image.png",
    types: imageTypes,
    isList: true,
    isRequired: (body) => isAbsent(body.url) && isAbsent(body["url[]"]),
  },
  { name: "mask", nameField: "mask_filename", defaultName: "mask.png", types: imageTypes },
]);

/** Priced as pictures that are made. */
export const imageEditRoute: Route = ({ llm }) =>
  defineRoute({
    payload: schema,
    maxBodyBytes: mostBytesInBody,
    workload: ({ request }) => picturesWorkload(request),
    transform: (form) => multipart(formFields(form, llm.model.name)),
    benchmark: {
      generator: () => ({
        image: randomPng(sideOfBenchmarkPicture).toString("base64"),
        prompt: randomWords(wordsInPrompt),
        size: referenceSize,
        n: 1,
      }),
      concurrency: 2,
      runs: 1,
    },
  });
