import { isUtf8 } from "node:buffer";
import { type AuthData, readAuthData } from "../auth/auth-data.ts";
import { WorkerError } from "../errors.ts";
import { NestingError, parseJson, stringifyJson } from "../json.ts";
import { isJsonObject, type JsonMember, readMembers } from "./json-members.ts";

/** A request's three parts; text and bytes are as the client sent them. */
export interface Envelope {
  authData: AuthData;
  /** `auth_data` as sent, for the signature over all of it and for sessions. */
  auth: unknown;
  authText: string;
  sessionId: string | undefined;
  payload: unknown;
  payloadBytes: Buffer;
  /** The content type of those bytes. */
  payloadType: string;
}

const json = "application/json";

/**
 * Reads `{auth_data, session_id, payload}`. With `unsecured`, missing `auth_data` fields are filled in, and a body that
 * is no envelope is the payload itself. Throws WorkerError 422 that names what is missing or wrong.
 */
export function readEnvelope(body: Buffer, { unsecured, ownUrl }: { unsecured: boolean; ownUrl: string }): Envelope {
  const { auth_data: auth, payload, session_id: session } = readObject(body);
  if (unsecured) {
    return readUnsecured(body, { auth, payload, session, ownUrl });
  }
  const problems: Record<string, unknown> = {};
  const read = auth && readAuthData(auth.value);
  if (read === undefined) {
    problems.auth_data = "field missing";
  } else if (!read.ok) {
    problems.auth_data = read.problems;
  }
  if (payload === undefined) {
    problems.payload = "field missing";
  }
  const sessionId = readSessionId(session, problems);
  if (auth === undefined || payload === undefined || !read?.ok || Object.keys(problems).length > 0) {
    throw invalidRequest(problems);
  }
  return {
    authData: read.authData,
    auth: auth.value,
    authText: auth.bytes.toString(),
    sessionId,
    payload: payload.value,
    payloadBytes: payload.bytes,
    payloadType: json,
  };
}

function readObject(body: Buffer): Record<string, JsonMember> {
  try {
    const members = isUtf8(body) ? readMembers(body) : undefined;
    if (members !== undefined) {
      return members;
    }
  } catch (error) {
    throw error instanceof NestingError ? new WorkerError("invalid_json", error.message) : error;
  }
  throw new WorkerError("invalid_json", "invalid JSON");
}

/** The 422 that names fields and their faults. */
export const invalidRequest = (problems: Record<string, unknown>): WorkerError =>
  new WorkerError("invalid_request", "the request has wrong or missing fields", { body: problems });

interface UnsecuredParts {
  auth: JsonMember | undefined;
  payload: JsonMember | undefined;
  session: JsonMember | undefined;
  ownUrl: string;
}

function readUnsecured(body: Buffer, { auth, payload, session, ownUrl }: UnsecuredParts): Envelope {
  const given = isJsonObject(auth?.value) ? auth.value : {};
  const filled = { cost: "0", endpoint: "local", reqnum: 0, request_idx: 0, signature: "", url: ownUrl, ...given };
  const read = readAuthData(filled);
  const problems: Record<string, unknown> = {};
  const isEnvelope = auth !== undefined || payload !== undefined;
  const sessionId = isEnvelope ? readSessionId(session, problems) : undefined;
  if (!read.ok) {
    problems.auth_data = read.problems;
  }
  if (isEnvelope && payload === undefined) {
    problems.payload = "field missing";
  }
  if (!read.ok || Object.keys(problems).length > 0) {
    throw invalidRequest(problems);
  }
  return {
    authData: read.authData,
    auth: given,
    authText: stringifyJson(filled),
    sessionId,
    payload: payload?.value ?? (isEnvelope ? null : parseJson(body.toString())),
    payloadBytes: payload?.bytes ?? body,
    payloadType: json,
  };
}

function readSessionId(session: JsonMember | undefined, problems: Record<string, unknown>): string | undefined {
  const value = session?.value ?? undefined;
  if (value === undefined || typeof value === "string") {
    return value;
  }
  problems.session_id = "expected a string or null";
  return undefined;
}
