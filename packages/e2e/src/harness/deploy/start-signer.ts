import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Signs certificate requests, as Vast's console does. */
export interface Signer {
  /** `SIGN_CERT_URL`. */
  readonly url: string;
  /** What its certificates are to be checked with. */
  readonly authority: string;
  /** The queries of the requests so far. */
  readonly queries: string[];
  /** What it answers from now on; undefined: certificates. */
  answer: string | undefined;
  /** How long certificates hold from now on. Default 30. */
  days: number;
  stop(): Promise<void>;
}

export async function startSigner(folder: string): Promise<Signer> {
  await mkdir(folder);
  const openssl = (...args: string[]) => run("openssl", args, { cwd: folder });
  await openssl(
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-subj",
    "/CN=signer",
    "-keyout",
    "key",
    "-out",
    "ca",
    "-days",
    "30",
  );
  const queries: string[] = [];
  const server = createServer(async (incoming, response) => {
    queries.push(new URL(incoming.url ?? "", "http://127.0.0.1").search);
    await writeFile(join(folder, "request"), await buffer(incoming));
    if (signer.answer !== undefined) {
      response.writeHead(403).end(signer.answer);
      return;
    }
    const { stdout } = await openssl(
      "x509",
      "-req",
      "-in",
      "request",
      "-CA",
      "ca",
      "-CAkey",
      "key",
      "-CAcreateserial",
      "-days",
      String(signer.days),
    );
    response.end(stdout);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const signer: Signer = {
    url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/sign_cert/`,
    authority: await readFile(join(folder, "ca"), "utf8"),
    queries,
    answer: undefined,
    days: 30,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return signer;
}
