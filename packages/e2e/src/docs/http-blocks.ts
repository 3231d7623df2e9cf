import { readFileSync } from "node:fs";
import { codeBlocks, root } from "./pages.ts";

/** A request as a page shows it, and the answer in the block after it. */
export interface ShownExchange {
  /** Where the request's block begins. */
  line: number;
  method: string;
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
  answer: ShownAnswer;
}

export interface ShownAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** The `http` blocks of a page, two by two. Throws where a request has no answer, or an answer no request. */
export function readExchanges(path: string): ShownExchange[] {
  const page = { path, text: readFileSync(root + path, "utf8") };
  const exchanges: ShownExchange[] = [];
  let request: Omit<ShownExchange, "answer"> | undefined;
  for (const { line, text } of codeBlocks(page).filter(({ language }) => language === "http")) {
    const message = readMessage(text);
    const [, method, url] = /^([A-Z]+) (https?:\/\/\S+)$/.exec(message.start) ?? [];
    if (method !== undefined && url !== undefined) {
      failIf(request !== undefined, `${path}:${request?.line}: a request without an answer`);
      request = { line, method, url, headers: message.headers, body: message.body };
    } else {
      const status = Number(/^\d{3}$/.exec(message.start)?.[0]);
      failIf(Number.isNaN(status), `${path}:${line}: neither a request nor an answer: ${message.start}`);
      if (request === undefined) {
        throw new Error(`${path}:${line}: an answer without a request`);
      }
      exchanges.push({ ...request, answer: { status, headers: message.headers, body: message.body } });
      request = undefined;
    }
  }
  failIf(request !== undefined, `${path}:${request?.line}: a request without an answer`);
  return exchanges;
}

function readMessage(text: string): { start: string; headers: Record<string, string>; body: string } {
  const [head = "", ...rest] = text.trimEnd().split("\n\n");
  const [start = "", ...lines] = head.split("\n");
  const headers = lines.map((line): [string, string] => {
    const at = line.indexOf(": ");
    return [line.slice(0, at).toLowerCase(), line.slice(at + 2)];
  });
  return { start, headers: Object.fromEntries(headers), body: rest.join("\n\n") };
}

function failIf(isWrong: boolean, message: string): void {
  if (isWrong) {
    throw new Error(message);
  }
}
