import { secondsOf, silentWav } from "../media/wav.ts";
import { numberOf } from "../server/read-body.ts";
import { dataEvent, sendStream, sendWhole } from "../server/send-answer.ts";
import { piecesOf, textOf, tokensOf } from "../server/words.ts";
import { formHandler } from "./form-handler.ts";
import { jsonHandler } from "./json-handler.ts";

const charactersPerSecond = 15;
const wordsPerSecond = 2;

/** `POST /v1/audio/speech`: as long as it takes to say the text. */
export const speech = jsonHandler([["input"]], (exchange, { input }) => {
  const text = String(input);
  const body = silentWav(text.length / charactersPerSecond);
  return sendWhole(exchange, { body, contentType: "audio/wav", tokens: tokensOf(text) });
});

/** `POST /v1/audio/speech/batch`. */
export const speechBatch = jsonHandler([["items"]], (exchange, { items }) => {
  const texts = (Array.isArray(items) ? items : []).map((item: unknown) => String(Object(item).input));
  const results = texts.map((text, index) => ({
    index,
    status: "success",
    audio_data: silentWav(text.length / charactersPerSecond).toString("base64"),
    media_type: "audio/wav",
    error: null,
  }));
  const body = { id: "speech-batch-stand-in", results, total: results.length, succeeded: results.length, failed: 0 };
  return sendWhole(exchange, { body, tokens: tokensOf(texts.join("")) });
});

/** `POST /v1/audio/generate`: sounds of the length that is asked for. */
export const generateAudio = jsonHandler([["input"]], (exchange, body) =>
  sendWhole(exchange, { body: silentWav(numberOf(body.audio_length) ?? 1), contentType: "audio/wav" }),
);

/** `POST /v1/audio/transcriptions` and `/translations`: two words for each second of what it gets. */
export const transcribe = (failure: string) =>
  formHandler([["file"]], async (exchange, form) => {
    const file = form.file("file");
    if (file === undefined) {
      return exchange.refuse(400, "Expected UploadFile, received a text field 'file'");
    }
    const seconds = secondsOf(file.bytes);
    const tokens = Math.max(1, Math.round(seconds * wordsPerSecond));
    if (form.text("stream") === "true") {
      await sendStream(exchange, transcriptStream(tokens, { exchange, failure }));
      return;
    }
    const usage = { type: "duration", seconds: Math.ceil(seconds) };
    await sendWhole(exchange, { body: { text: textOf(tokens), usage }, tokens });
  });

function transcriptStream(
  tokens: number,
  { exchange, failure }: { exchange: Parameters<typeof sendStream>[0]; failure: string },
) {
  const eventOf = (delta: string, finish: string | null) =>
    dataEvent({
      id: "trsc-stand-in",
      object: "transcription.chunk",
      model: exchange.settings.model,
      choices: [{ delta: { content: delta }, finish_reason: finish, stop_reason: null }],
    });
  return {
    chunks: piecesOf(tokens, exchange.settings.tokensPerChunk).map(({ text, tokens: step, until }) => ({
      text: eventOf(text, until === tokens ? "stop" : null),
      tokens: step,
    })),
    tail: ["data: [DONE]\n\n"],
    failure,
  };
}
