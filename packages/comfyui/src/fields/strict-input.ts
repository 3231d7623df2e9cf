import { z } from "zod";

/** An object with these fields and no others: a misspelt field is refused by name, with the names that would do. */
export const strictInput = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? `unknown ${issue.keys.map((key) => JSON.stringify(key)).join(", ")}; known: ${Object.keys(shape).join(", ")}`
        : undefined,
  });
