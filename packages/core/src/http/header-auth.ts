import type { IncomingMessage } from "node:http";
import { readAuthData } from "../auth/auth-data.ts";
import { WorkerError } from "../errors.ts";
import { authenticate } from "./authenticate.ts";
import { type Envelope, invalidRequest } from "./envelope.ts";
import type { Services } from "./services.ts";

type HeaderAuth = Pick<Envelope, "auth" | "authData" | "authText">;

const authHeader = "x-serverless-auth";
const queryPrefix = "serverless_";

/**
 * Checks a request without an envelope: `auth_data` as base64url JSON in a header, or its fields in the query. Throws
 * WorkerError 401, 422 or 503.
 */
export async function authenticateByHeader(services: Services, request: IncomingMessage): Promise<HeaderAuth> {
  const fields = readAuthFields(request) ?? (services.config.environment.UNSECURED ? localAuth(services) : undefined);
  if (fields === undefined) {
    throw new WorkerError(
      "unauthorized",
      `the request is not signed: send auth_data in ${authHeader} or as ${queryPrefix}…`,
    );
  }
  const read = readAuthData(fields.value);
  if (!read.ok) {
    throw invalidRequest({ auth_data: read.problems });
  }
  await authenticate(services, read.authData, fields.text);
  return { authData: read.authData, auth: fields.value, authText: fields.text };
}

/** Whether it carries a signature where `authenticateByHeader` looks for one. */
export const isSignedByHeader = (request: IncomingMessage): boolean => readAuthFields(request) !== undefined;

const localAuth = ({ config }: Services) => {
  const value = {
    cost: "0",
    endpoint: "local",
    reqnum: 0,
    request_idx: 0,
    signature: "",
    url: config.environment.publicUrl,
  };
  return { value, text: JSON.stringify(value) };
};

function readAuthFields(request: IncomingMessage): { value: unknown; text: string } | undefined {
  const header = request.headers[authHeader];
  if (typeof header === "string") {
    return readAuthHeader(header);
  }
  const query = new URLSearchParams(request.url?.split("?")[1] ?? "");
  const value: Record<string, unknown> = {};
  for (const [name, field] of query) {
    if (name.startsWith(queryPrefix)) {
      const key = name.slice(queryPrefix.length);
      value[key] = key === "reqnum" || key === "request_idx" ? Number(field) : field;
    }
  }
  return Object.keys(value).length > 0 ? { value, text: JSON.stringify(value) } : undefined;
}

function readAuthHeader(header: string): { value: unknown; text: string } {
  const text = Buffer.from(header, "base64url").toString();
  try {
    return { value: JSON.parse(text), text };
  } catch (error) {
    throw new WorkerError("invalid_json", `${authHeader} is not base64url JSON`, { cause: error });
  }
}
