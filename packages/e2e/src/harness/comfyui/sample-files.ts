import { createHash } from "node:crypto";
import type { OutputItem } from "@pyworker/comfyui";
import type { WorkerUnderTest } from "../start-worker.ts";
import { type FileKind, fileKinds, picture } from "./file-workflows.ts";
import { byHeader, generate, get, view } from "./job-client.ts";
import type { ComfyuiUnderTest } from "./start-comfyui-worker.ts";
import { workflow } from "./workflows.ts";

/** A file that ComfyUI itself has made, so that it can read it. */
export interface SampleFile {
  kind: FileKind;
  bytes: Buffer;
  mimetype: string;
  /** With the ending of its kind. */
  name: string;
}

export const sampleWidth = 96;
export const sampleHeight = 40;

/** A picture, a sound and a film. */
export async function makeSamples({ worker }: ComfyuiUnderTest): Promise<SampleFile[]> {
  const samples: SampleFile[] = [];
  for (const kind of fileKinds) {
    const made = kind === "image" ? picture(sampleWidth, sampleHeight) : workflow(kind);
    const { body } = await generate(worker, made);
    const [file] = body.output;
    if (file === undefined) {
      throw new Error(`no ${kind} was made: ${JSON.stringify(body)}`);
    }
    const { bytes, type } = await fetchFile(worker, file);
    samples.push({ kind, bytes, mimetype: type, name: file.filename });
  }
  return samples;
}

/** A file that a job has made, fetched through the worker. */
export async function fetchFile(
  worker: WorkerUnderTest,
  file: OutputItem | undefined,
): Promise<{ bytes: Buffer; type: string }> {
  const answer = file && (await get(worker, view(file)));
  if (answer?.status !== 200) {
    throw new Error(`no such file: ${JSON.stringify(file)}, status ${answer?.status}`);
  }
  return { bytes: Buffer.from(await answer.arrayBuffer()), type: answer.headers.get("content-type") ?? "" };
}

/** What ComfyUI has under a name in its folder for inputs. */
export async function inputOf({ comfyuiUrl }: ComfyuiUnderTest, name: unknown): Promise<Buffer> {
  const [filename = "", ...folders] = String(name).split("/").reverse();
  const query = new URLSearchParams({ filename, subfolder: folders.reverse().join("/"), type: "input" });
  return Buffer.from(await (await fetch(`${comfyuiUrl}/view?${query}`)).arrayBuffer());
}

/** Posts a form, signed. */
export function postForm({ worker }: ComfyuiUnderTest, path: string, fields: Record<string, FormField>) {
  const form = new FormData();
  for (const [name, field] of Object.entries(fields)) {
    if (typeof field === "string") {
      form.append(name, field);
    } else {
      form.append(name, new Blob([new Uint8Array(field.bytes)], { type: field.mimetype }), field.name);
    }
  }
  return fetch(worker.url + path, { method: "POST", headers: byHeader(worker), body: form });
}

type FormField = string | SampleFile;

/** Width and height of a PNG. */
export const sizeOfPng = (bytes: Buffer): number[] => [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];

export const digestOf = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
