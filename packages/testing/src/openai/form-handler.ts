import type { Exchange, Handler } from "../server/exchange.ts";
import type { FormField } from "../server/seen-request.ts";
import { missing } from "./text-request.ts";

/** A form, by the names of its fields. */
export interface Form {
  readonly fields: readonly FormField[];
  text(name: string): string | undefined;
  file(name: string): FormField | undefined;
}

/** A handler of multipart forms; each of `required` names fields of which one has to be there. */
export const formHandler =
  (required: readonly (readonly string[])[], handle: (exchange: Exchange, form: Form) => Promise<void>): Handler =>
  async (exchange) => {
    const fields = await exchange.seen.form().catch(() => undefined);
    if (fields === undefined) {
      return exchange.refuse(400, "There was an error parsing the body");
    }
    const absent = required.find((names) => !fields.some(({ name, size }) => size > 0 && names.includes(name)));
    if (absent !== undefined) {
      return exchange.refuse(400, missing(absent[0] ?? ""));
    }
    await handle(exchange, {
      fields,
      text: (name) => fields.find((field) => field.name === name)?.value,
      file: (name) => fields.find((field) => field.name === name && field.fileName !== undefined),
    });
  };
