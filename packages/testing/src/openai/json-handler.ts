import type { Exchange, Handler } from "../server/exchange.ts";
import { type Fields, parseObject } from "../server/read-body.ts";
import { missing } from "./text-request.ts";

/** A handler of JSON objects; each of `required` names fields of which one has to be there. */
export const jsonHandler =
  (
    required: readonly (readonly string[])[],
    handle: (exchange: Exchange, body: Fields) => void | Promise<void>,
  ): Handler =>
  (exchange) => {
    const body = parseObject(exchange.seen.body);
    if (body === undefined) {
      return exchange.refuse(400, "[{'type': 'json_invalid', 'loc': ('body', 0), 'msg': 'JSON decode error'}]");
    }
    const absent = required.find((names) => names.every((name) => body[name] === undefined || body[name] === null));
    return absent === undefined ? handle(exchange, body) : exchange.refuse(400, missing(absent[0] ?? ""));
  };
