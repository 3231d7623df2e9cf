import type { IncomingMessage } from "node:http";
import { authenticate } from "./authenticate.ts";
import { type Envelope, readEnvelope } from "./envelope.ts";
import { isForm, readForm } from "./form.ts";
import { authenticateByHeader } from "./header-auth.ts";
import type { Services } from "./services.ts";

/**
 * Reads what a request asks, and checks its signature. A form has no envelope: it is signed as passthrough requests are,
 * and is read only then. Throws WorkerError 401, 422 or 503.
 */
export async function openEnvelope(services: Services, request: IncomingMessage, body: Buffer): Promise<Envelope> {
  const type = request.headers["content-type"];
  if (isForm(type)) {
    const signed = await authenticateByHeader(services, request);
    return {
      ...signed,
      sessionId: undefined,
      payload: await readForm(body, type),
      payloadBytes: body,
      payloadType: type,
    };
  }
  const { UNSECURED: unsecured, publicUrl: ownUrl } = services.config.environment;
  const envelope = readEnvelope(body, { unsecured, ownUrl });
  await authenticate(services, envelope.authData, envelope.authText);
  return envelope;
}
