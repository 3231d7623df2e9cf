import { describe, expect, test } from "@jest/globals";
import { aceFields, createAceSchema } from "./ace-request.ts";

const schema = createAceSchema();
const parse = (fields: Record<string, unknown>) => schema.parse({ tags: "folk", ...fields });

/** What is wrong with a request, by field. */
function faults(request: Record<string, unknown>): Record<string, string> {
  const issues = schema.safeParse({ tags: "folk", ...request }).error?.issues ?? [];
  return Object.fromEntries(issues.map(({ message, path }) => [path.join("."), message]));
}

test("fills in what Vast's workflow has", () => {
  expect(parse({ seed: 5 })).toEqual({
    tags: "folk",
    lyrics: "",
    lyricsStrength: 0.99,
    seconds: 180,
    steps: 65,
    cfg: 4,
    seed: 5,
    variant: "65-step",
  });
});

test("fills in what ComfyUI's template has, unless told otherwise", () => {
  expect(parse({ variant: "50-step" })).toMatchObject({ seconds: 120, steps: 50, cfg: 5 });
  expect(parse({ variant: "50-step", seconds: 30, steps: 27, cfg: 6 })).toMatchObject({
    seconds: 30,
    steps: 27,
    cfg: 6,
  });
});

test("takes null for what isn't set, and draws a seed then", () => {
  const nulls = Object.fromEntries(aceFields.filter((name) => name !== "tags").map((name) => [name, null]));
  expect(parse({ ...nulls, seed: 1 })).toEqual(parse({ seed: 1 }));
  expect(parse(nulls).seed).not.toBe(parse(nulls).seed);
});

test.each([[{ seconds: 1 }], [{ seconds: 30.1 }], [{ seconds: 240 }], [{ steps: 100 }], [{ lyrics: "" }]])(
  "takes %j",
  (fields) => {
    expect(parse(fields)).toMatchObject(fields);
  },
);

test("keeps a seed of 64 bits exact", () => {
  expect(parse({ seed: "18446744073709551615" }).seed).toBe(18_446_744_073_709_551_615n);
});

test.each([
  [{ seconds: 30.26 }, { seconds: expect.stringContaining("use 30.3 or 30.2") }],
  [{ seconds: 0 }, { seconds: expect.stringContaining("use 1") }],
  [{ seconds: 300 }, { seconds: expect.stringContaining("use 240") }],
  [{ steps: 101 }, { steps: expect.stringContaining("use 100") }],
  [{ steps: 0 }, { steps: expect.stringContaining("use 1") }],
])("names what would do for %j", (fields, expected) => {
  expect(faults(fields)).toEqual(expected);
});

test.each([
  [{ tags: "  " }, "tags"],
  [{ tags: undefined }, "tags"],
  [{ lyrics: 5 }, "lyrics"],
  [{ lyrics_strength: 11 }, "lyrics_strength"],
  [{ cfg: -1 }, "cfg"],
  [{ seed: 1.5 }, "seed"],
  [{ variant: "4-step" }, "variant"],
])("refuses %j", (fields, path) => {
  expect(Object.keys(faults(fields))).toEqual([path]);
});

test("refuses what it doesn't know by name", () => {
  expect(faults({ negative_prompt: "noise" })[""]).toMatch(/^unknown "negative_prompt"; known: tags, lyrics, /);
});

describe("the model", () => {
  test.each(["1", 1, "v1", "ace_step_v1_3.5b.safetensors"])("is v1, also by the name %p", (model) => {
    expect(parse({ model, seed: 1 })).toEqual(parse({ seed: 1 }));
  });

  test.each(["1.5", 1.5, "v1.5", "2"])("is not %p, and the answer says how to run 1.5", (model) => {
    expect(faults({ model })).toEqual({
      model: `typed requests run ACE-Step v1 ("1"), not ${JSON.stringify(model)}: send an ACE-Step 1.5 workflow as \`workflow_json\``,
    });
  });
});

test("lets an endpoint allow more, or less", () => {
  expect(createAceSchema({ seconds: 600, steps: 100 }).parse({ tags: "folk", seconds: 600 }).seconds).toBe(600);
  expect(createAceSchema({ seconds: 60, steps: 30 }).parse({ tags: "folk" })).toMatchObject({ seconds: 60, steps: 30 });
});
