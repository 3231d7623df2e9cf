import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { extname } from "node:path";
import { pipeline } from "node:stream/promises";
import { webpSample } from "../media/samples.ts";
import type { Exchange, Routes } from "../server/exchange.ts";
import { answerJson, answerText, type ComfyuiState, queryOf } from "./comfyui-exchange.ts";

const contentTypes: Readonly<Record<string, string>> = {
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".webp": "image/webp",
  ".gif": "image/gif",
  ".mp4": "video/mp4",
  ".webm": "video/webm",
  ".flac": "audio/flac",
  ".mp3": "audio/mpeg",
  ".opus": "audio/opus",
  ".wav": "audio/x-wav",
  ".txt": "text/plain",
  ".json": "application/json",
};

/** Files in and out. */
export const fileRoutes = (state: ComfyuiState): Routes => ({
  "GET /view": (exchange) => view(exchange, state),
  "HEAD /view": (exchange) => view(exchange, state),
  "POST /upload/image": (exchange) => upload(exchange, state),
});

async function view(exchange: Exchange, { files }: ComfyuiState): Promise<void> {
  const query = queryOf(exchange);
  const filename = query.get("filename");
  const type = query.get("type") ?? "output";
  const subfolder = query.get("subfolder") ?? "";
  if (filename === null) {
    answerText(exchange, 404);
    return;
  }
  if (filename.startsWith("/") || filename.includes("..") || !["output", "input", "temp"].includes(type)) {
    answerText(exchange, 400);
    return;
  }
  // Like ComfyUI, it looks up the name alone, whatever folders stand before it.
  const path = files.pathOf({ filename: filename.split("/").at(-1) ?? "", subfolder, type });
  if (path === undefined) {
    answerText(exchange, 403);
    return;
  }
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isFile() || exchange.settings.faults.current.viewMissing) {
    answerText(exchange, 404);
    return;
  }
  const disposition = `filename="${filename}"`;
  if (query.get("preview")?.startsWith("webp")) {
    exchange.response.writeHead(200, { "content-type": "image/webp", "content-disposition": disposition });
    exchange.response.end(webpSample);
    return;
  }
  exchange.response.setHeader("content-type", contentTypes[extname(filename)] ?? "application/octet-stream");
  exchange.response.setHeader("content-disposition", disposition);
  await sendFile(exchange, path, found.size);
}

/** Streams a file, or the part of it that is asked for. */
async function sendFile({ response, seen }: Exchange, path: string, size: number): Promise<void> {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(seen.headers.range ?? "") ?? [];
  response.setHeader("accept-ranges", "bytes");
  if (first === "" && last === "") {
    response.writeHead(200, { "content-length": size });
    await pipeline(createReadStream(path), response).catch(() => response.destroy());
    return;
  }
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1);
  if (start > end) {
    response.writeHead(416, { "content-range": `bytes */${size}` }).end();
    return;
  }
  response.writeHead(206, { "content-length": end - start + 1, "content-range": `bytes ${start}-${end}/${size}` });
  await pipeline(createReadStream(path, { start, end }), response).catch(() => response.destroy());
}

async function upload(exchange: Exchange, { files }: ComfyuiState): Promise<void> {
  const fields = await exchange.seen.form().catch(() => []);
  const textOf = (name: string) => fields.find((field) => field.name === name)?.value;
  const file = fields.find((field) => field.name === "image");
  if (file?.fileName === undefined || file.fileName === "") {
    answerText(exchange, 400);
    return;
  }
  const saved = await files.upload({
    name: file.fileName,
    bytes: file.bytes,
    subfolder: textOf("subfolder") ?? "",
    type: textOf("type") ?? "input",
    overwrites: ["true", "1"].includes(textOf("overwrite") ?? ""),
  });
  if (saved === undefined) {
    answerText(exchange, 400);
    return;
  }
  answerJson(exchange, 200, { name: saved.filename, subfolder: saved.subfolder, type: saved.type });
}
