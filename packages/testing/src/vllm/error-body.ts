import { STATUS_CODES } from "node:http";
import { dataEvent } from "../server/send-answer.ts";

const types: Record<number, string> = {
  400: "BadRequestError",
  404: "NotFoundError",
  500: "InternalServerError",
  501: "NotImplementedError",
};

/** An error's body, in vLLM's shape. */
export const errorBody = (status: number, message: string) => ({
  error: { message, type: types[status] ?? STATUS_CODES[status] ?? "Error", param: null, code: status },
});

/** The end of a stream whose engine has failed. */
export const streamFailure = `${dataEvent(errorBody(500, "EngineCore encountered an issue."))}data: [DONE]\n\n`;
