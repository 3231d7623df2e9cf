import { dataEvent } from "../server/send-answer.ts";

const types: Record<number, string> = { 400: "BadRequestError", 404: "NotFoundError", 500: "InternalServerError" };

/** An error's body, in SGLang's flat shape. */
export const sglangErrorBody = (status: number, message: string) => ({
  object: "error",
  message,
  type: types[status] ?? "Error",
  param: null,
  code: status,
});

/** Within a stream, the error is nested as OpenAI's is. */
export const sglangStreamFailure = `${dataEvent({ error: sglangErrorBody(500, "The scheduler has died.") })}data: [DONE]\n\n`;
