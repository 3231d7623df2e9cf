import { expect, test } from "@jest/globals";
import { z } from "zod";
import { strictInput } from "./strict-input.ts";

const schema = strictInput({ prompt: z.string(), width: z.int().optional() });

test("takes the fields it knows", () => {
  expect(schema.parse({ prompt: "a lake", width: 3 })).toEqual({ prompt: "a lake", width: 3 });
});

test("refuses others by name, and names those it knows", () => {
  expect(schema.safeParse({ prompt: "a lake", widht: 3, hieght: 4 }).error?.issues).toMatchObject([
    { message: 'unknown "widht", "hieght"; known: prompt, width' },
  ]);
});

test("leaves other faults to the fields", () => {
  expect(schema.safeParse({ prompt: 1 }).error?.issues).toMatchObject([{ path: ["prompt"] }]);
});
