import { isObject, parseObject } from "../server/read-body.ts";

export interface TgiFinishedRequest {
  path: string;
  body: Buffer;
}

/** What TGI's log says of an answered request beside the message. Only its own routes tell parameters. */
export function spanOf({ body, path }: TgiFinishedRequest): { name: string; fields: Record<string, string> } {
  const { inputs, parameters } = parseObject(body) ?? {};
  const name = names[path] ?? path;
  const told = inputs === undefined ? {} : { parameters: debugged(isObject(parameters) ? parameters : {}) };
  return { name, fields: { ...told, total_time: '"1.5ms"' } };
}

const names: Readonly<Record<string, string>> = {
  "/": "compat_generate",
  "/generate": "generate",
  "/generate_stream": "generate_stream",
  "/v1/completions": "completions",
  "/v1/chat/completions": "chat_completions",
};

/** As Rust prints a structure: texts in quotes, with their own quotes and line ends escaped. */
const debugged = ({ max_new_tokens: limit, stop = [] }: Readonly<Record<string, unknown>>): string =>
  `GenerateParameters { best_of: None, max_new_tokens: ${limit === undefined ? "None" : `Some(${limit})`}, stop: ${JSON.stringify(stop)} }`;
