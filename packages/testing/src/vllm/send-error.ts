import { type ServerResponse, STATUS_CODES } from "node:http";
import { sendJson } from "../send-json.ts";

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

export const sendError = (response: ServerResponse, status: number, message: string): void =>
  sendJson(response, status, errorBody(status, message));
