import { greyPng } from "../media/png.ts";
import type { Exchange } from "../server/exchange.ts";
import { sendWhole } from "../server/send-answer.ts";
import { created } from "../server/words.ts";
import { formHandler } from "./form-handler.ts";
import { jsonHandler } from "./json-handler.ts";

/** `POST /v1/images/generations`. */
export const generateImages = jsonHandler([["prompt"]], (exchange, { n, size }) => sendImages(exchange, { n, size }));

/** `POST /v1/images/edits`. */
export const editImages = formHandler([["prompt"], ["image", "image[]", "url", "url[]"]], (exchange, form) =>
  sendImages(exchange, { n: form.text("n"), size: form.text("size") }),
);

/** `POST /v1/videos/sync`: the beginning of an MP4 file, and nothing to be seen. */
export const makeVideo = formHandler([["prompt"]], (exchange) =>
  sendWhole(exchange, {
    body: Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from("ftypisom\0\0\u0002\0isommp42")]),
    contentType: "video/mp4",
  }),
);

const defaultSide = 1024;

function sendImages(exchange: Exchange, { n, size }: { n: unknown; size: unknown }): Promise<void> {
  const sides = /^(\d{1,4})x(\d{1,4})$/.exec(String(size));
  const picture = greyPng(Number(sides?.[1] ?? defaultSide), Number(sides?.[2] ?? defaultSide)).toString("base64");
  const count = Math.max(1, Number(n ?? 1) || 1);
  const data = Array.from({ length: count }, () => ({ b64_json: picture, url: null, revised_prompt: null }));
  return sendWhole(exchange, { body: { created, data } });
}
