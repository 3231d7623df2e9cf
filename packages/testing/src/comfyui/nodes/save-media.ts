import { type SampleKind, signedSample } from "../../media/signed-sample.ts";
import { solidPng } from "../../media/solid-png.ts";
import type { SavedFile } from "../file-store.ts";
import type { NodeCall, NodeOutcome } from "./node-class.ts";

const extensions: Record<SampleKind, string> = {
  mp4: "mp4",
  webm: "webm",
  flac: "flac",
  mp3: "mp3",
  opus: "opus",
  webp: "webp",
  animatedWebp: "webp",
};

/** `SaveImage`: a file for each picture of the batch. */
export const saveImages = async (call: NodeCall): Promise<NodeOutcome> => ({
  ui: { images: await saveEach(call, "output", prefixOf(call)) },
});

/** `PreviewImage`: the same in ComfyUI's folder for what need not stay. */
export const previewImages = async (call: NodeCall): Promise<NodeOutcome> => ({
  ui: { images: await saveEach(call, "temp", `ComfyUI_temp_${lettersOf(call.signature)}`) },
});

/** A film, or a picture that moves: both stand under `images`. */
export async function saveVideo(call: NodeCall, kind: SampleKind): Promise<NodeOutcome> {
  const file = await call.files.save({
    type: "output",
    prefix: prefixOf(call),
    ending: `_.${extensions[kind]}`,
    bytes: signedSample(kind, call.signature),
  });
  return { ui: { images: [file], animated: [kind !== "webp"] } };
}

export async function saveAudio(call: NodeCall, kind: SampleKind): Promise<NodeOutcome> {
  const file = await call.files.save({
    type: "output",
    prefix: prefixOf(call),
    ending: `_.${extensions[kind]}`,
    bytes: signedSample(kind, call.signature),
  });
  return { ui: { audio: [file] } };
}

const helperKinds: Readonly<Record<string, SampleKind>> = {
  "image/gif": "animatedWebp",
  "image/webp": "animatedWebp",
  "video/webm": "webm",
};

/** `VHS_VideoCombine`: whatever it is, it stands under `gifs`, with where it lies. */
export async function saveVideoHelper(call: NodeCall): Promise<NodeOutcome> {
  const { files, inputs, signature } = call;
  const kind = helperKinds[String(inputs.format)] ?? "mp4";
  const type = inputs.save_output === false ? "temp" : "output";
  const prefix = prefixOf(call);
  const ending = `.${extensions[kind]}`;
  const file = await files.save({ type, prefix, ending, bytes: signedSample(kind, signature) });
  const more = {
    format: inputs.format,
    frame_rate: inputs.frame_rate,
    workflow: file.filename.replace(ending, ".png"),
    fullpath: files.pathOf(file),
  };
  return { ui: { gifs: [{ ...file, ...more }] } };
}

async function saveEach({ files, media, signature }: NodeCall, type: string, prefix: string): Promise<SavedFile[]> {
  const { color = 0, frames = 1, height = 512, width = 512 } = media;
  const bytes = solidPng({ width, height, color, text: signature });
  const saved: SavedFile[] = [];
  for (let frame = 0; frame < frames; frame += 1) {
    saved.push(await files.save({ type, prefix, ending: "_.png", bytes }));
  }
  return saved;
}

/** The place and the beginning of a file's name, with the sizes that it may ask for. */
const prefixOf = ({ inputs, media }: NodeCall): string =>
  String(inputs.filename_prefix ?? "ComfyUI")
    .replaceAll("%width%", String(media.width ?? 512))
    .replaceAll("%height%", String(media.height ?? 512));

/** Five letters that nobody would guess. */
const lettersOf = (signature: string): string =>
  [...signature.slice(0, 5)].map((digit) => String.fromCharCode(97 + Number.parseInt(digit, 16))).join("");
