import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { createSecureContext } from "node:tls";
import type { Environment } from "../env.ts";

const serverOptions = {
  headersTimeout: 15_000,
  // Bodies have a least speed instead of a time limit: a large one may take long. See read-body.ts.
  requestTimeout: 0,
  keepAliveTimeout: 75_000,
  connectionsCheckingInterval: 2000,
  noDelay: true,
};

const graceMilliseconds = 1000;
/** Connections that wait to be taken: a thousand clients may come at once. */
const backlog = 4096;

/** Listens on the public port, with TLS where `USE_SSL` says so. Rejects with what was wrong and what to do. */
export async function listenPublic(environment: Environment, listener: RequestListener): Promise<Server> {
  const server = environment.USE_SSL
    ? createTlsServer({ ...serverOptions, ...(await readCertificate(environment)) }, listener)
    : createServer(serverOptions, listener);
  return listen(server, { port: environment.WORKER_PORT, host: environment.WORKER_HOST, name: "WORKER_PORT" });
}

/** Listens on the internal port, always plain HTTP. */
export async function listenInternal(environment: Environment, listener: RequestListener): Promise<Server> {
  const port = environment.WORKER_HTTP_PORT ?? environment.WORKER_PORT + 1;
  const host = environment.WORKER_HTTP_HOST;
  return listen(createServer(serverOptions, listener), { port, host, name: "WORKER_HTTP_PORT" });
}

/** Stops taking connections, and closes those that are idle; a second later, all. Resolves when the last one is gone. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const grace = setTimeout(() => server.closeAllConnections(), graceMilliseconds);
    server.close(() => {
      clearTimeout(grace);
      resolve();
    });
    server.closeIdleConnections();
  });
}

async function readCertificate({ SSL_CERT_FILE: certFile, SSL_KEY_FILE: keyFile }: Environment) {
  try {
    const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)]);
    createSecureContext({ cert, key });
    return { cert, key };
  } catch (error) {
    throw new Error(
      `USE_SSL is true, but ${certFile} (SSL_CERT_FILE) and ${keyFile} (SSL_KEY_FILE) are no certificate and its key: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

async function listen(
  server: Server,
  { port, host, name }: { port: number; host: string; name: string },
): Promise<Server> {
  server.listen({ port, host, backlog });
  try {
    await once(server, "listening");
  } catch (error) {
    throw new Error(`can't listen on ${host}:${port} (${name}): ${messageOf(error)}. Is another worker running?`, {
      cause: error,
    });
  }
  return server;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
