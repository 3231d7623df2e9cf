import type { IncomingMessage, ServerResponse } from "node:http";
import type { Handler } from "../handler.ts";
import type { ControlRoute } from "../other-routes.ts";
import { authenticateByHeader, isSignedByHeader } from "./header-auth.ts";
import { openEnvelope } from "./open-envelope.ts";
import { sendResponse } from "./send-response.ts";
import type { Services } from "./services.ts";

/** A request that a handler's control route answers. */
interface FoundControl {
  route: ControlRoute;
  /** What stands in the place of the parts in braces. */
  parameters: Record<string, string>;
}

const maxBodyBytes = 64 * 1024;

/** The control route that names this request, if any does. */
export function findControl(
  handlers: readonly Handler[],
  { method, url = "" }: IncomingMessage,
): FoundControl | undefined {
  const path = url.split("?", 1)[0] ?? "";
  for (const route of handlers.flatMap(({ controls }) => controls)) {
    const parameters = route.method === method ? matchPath(route.path, path) : undefined;
    if (parameters !== undefined) {
      return { route, parameters };
    }
  }
  return undefined;
}

/** Checks the signature, which stands where passthrough requests have theirs, or in an envelope, and answers. */
export function handleControl(
  services: Services,
  { route, parameters }: FoundControl,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
): Promise<void> {
  return services.requests.run(response, async ({ signal }) => {
    await authenticate(services, route, request);
    sendResponse(response, await route.answer(parameters, signal));
  });
}

/** The client of the SDK posts envelopes, and nothing else. */
async function authenticate(services: Services, { method }: ControlRoute, request: IncomingMessage): Promise<void> {
  const body = await services.bodies.read(request, maxBodyBytes);
  if (method === "POST" && body.length > 0 && !isSignedByHeader(request)) {
    await openEnvelope(services, request, body);
  } else {
    await authenticateByHeader(services, request);
  }
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split("/");
  const parts = path.split("/");
  const parameters: Record<string, string> = {};
  if (wanted.length !== parts.length) {
    return undefined;
  }
  for (const [index, expected] of wanted.entries()) {
    const part = parts[index] ?? "";
    const name = expected.match(/^\{(\w+)\}$/)?.[1];
    if (name !== undefined && part !== "") {
      parameters[name] = part;
    } else if (expected !== part) {
      return undefined;
    }
  }
  return parameters;
}
