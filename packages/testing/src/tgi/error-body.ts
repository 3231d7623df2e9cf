const types: Record<number, string> = {
  422: "validation",
  424: "generation",
  429: "overloaded",
  500: "incomplete_generation",
  503: "healthcheck",
};

/** An error of TGI's own routes. */
export const tgiErrorBody = (status: number, message: string) => ({
  error: message,
  error_type: types[status] ?? "unknown",
});

/** An error within a stream of its OpenAI routes. */
export const openAiErrorBody = (status: number, message: string) => ({
  error: { message, http_status_code: status },
});

/** An event as TGI's own routes write it: no space after the colon. */
export const tgiEvent = (value: unknown): string => `data:${JSON.stringify(value)}\n\n`;

export const generationFailure = "Request failed during generation: Server error: CUDA out of memory.";
export const overloaded = "Model is overloaded";
