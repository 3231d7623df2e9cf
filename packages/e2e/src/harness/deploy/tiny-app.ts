import { join } from "node:path";
import { commitAll } from "./copy-repository.ts";
import { writeFiles } from "./start-machine.ts";

interface TinyAppOptions {
  /** Its folder among the apps. Default "vllm". */
  name?: string;
  /** With which it ends at a SIGTERM. Default 0. */
  status?: number;
  /** More of its files. */
  files?: Readonly<Record<string, string>>;
}

/**
 * A program that keeps what the launcher asks of a worker, and no more: listens on WORKER_PORT, says who it is and what
 * its environment is, and ends at a SIGTERM. It needs nothing installed.
 */
export const tinyWorker = (answer: string, status = 0): string => `
const { createServer } = require("node:http");
createServer((request, response) => response.end(JSON.stringify({ answer: ${JSON.stringify(answer)}, env: process.env })))
  .listen(Number(process.env.WORKER_PORT), "127.0.0.1", () => console.log("tiny worker listens"));
process.on("SIGTERM", () => {
  console.log("tiny worker ends");
  process.exit(${status});
});
`;

/** Makes a repository with an app that answers with `answer`, or a commit more. Resolves to the commit. */
export async function commitTinyApp(
  repository: string,
  answer: string,
  { name = "vllm", status = 0, files = {} }: TinyAppOptions = {},
): Promise<string> {
  await writeFiles(join(repository, "apps", name), { "worker.js": tinyWorker(answer, status), ...files });
  return commitAll(repository);
}
