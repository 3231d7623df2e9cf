import { createHash, timingSafeEqual } from "node:crypto";
import { writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Environment } from "../env.ts";
import { WorkerError } from "../errors.ts";
import { sendJson } from "./send-error.ts";

type UpdateSettings = Pick<Environment, "MASTER_TOKEN" | "FORCE_UPDATE_FILE">;

/** `POST /pyworker/update`: leaves the file that makes the launcher update this worker. */
export async function handleUpdate(
  { MASTER_TOKEN: token, FORCE_UPDATE_FILE: file }: UpdateSettings,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
): Promise<void> {
  const given = request.headers.authorization?.replace(/^Bearer /, "") ?? "";
  if (token === "" || !isSame(given, token)) {
    throw new WorkerError("unauthorized", "unauthorized");
  }
  try {
    await writeFile(file, "");
  } catch (error) {
    throw new WorkerError("handler_failed", `failed to write ${file}`, { cause: error });
  }
  sendJson(response, 200, { ok: true });
}

/** Compares digests, so that neither the time taken nor the length tells anything of the token. */
const isSame = (given: string, expected: string): boolean => timingSafeEqual(digest(given), digest(expected));

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
