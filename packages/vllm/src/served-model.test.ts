import { expect, test } from "@jest/globals";
import { createServedModel } from "./served-model.ts";

const answers = (value: unknown) => ({ getJson: async () => value });
const card = (id: string, length?: unknown) => ({ id, object: "model", max_model_len: length });

test.each<[name: string, models: unknown, served: { name: string; maxLength: number }]>([
  ["vLLM's", { object: "list", data: [card("llama", 8192)] }, { name: "llama", maxLength: 8192 }],
  ["llama.cpp's", { data: [{ id: "gguf", meta: { n_ctx: 4096 } }] }, { name: "gguf", maxLength: 4096 }],
  ["one with adapters", { data: [card("base", 8192), card("mine", null)] }, { name: "mine", maxLength: 8192 }],
  ["one without a length", { data: [card("x")] }, { name: "x", maxLength: Number.POSITIVE_INFINITY }],
  [
    "one with a length of another kind",
    { data: [card("x", "long")] },
    { name: "x", maxLength: Number.POSITIVE_INFINITY },
  ],
  ["one that knows no such name", { data: [card("x", 100), card("y", 200)] }, { name: "x", maxLength: 100 }],
])("learns from %s list of models", async (_name, models, served) => {
  const model = createServedModel({ name: "mine" });
  expect(model).toMatchObject({ name: "mine", maxLength: Number.POSITIVE_INFINITY });
  await model.meet(answers(models));
  expect(model).toMatchObject(served);
});

test("a length that is given wins", async () => {
  const model = createServedModel({ maxLength: 1000 });
  await model.meet(answers({ data: [card("x", 8192)] }));
  expect(model).toMatchObject({ name: "x", maxLength: 1000 });
});

test.each([{}, { data: [] }, { data: [{}] }, null, "text"])("learns nothing from %j, and says so", async (value) => {
  const model = createServedModel({ name: "mine" });
  await expect(model.meet(answers(value))).rejects.toThrow();
  expect(model).toMatchObject({ name: "mine", maxLength: Number.POSITIVE_INFINITY });
});

test("knows the new length of a model that was restarted", async () => {
  const model = createServedModel({});
  await model.meet(answers({ data: [card("x", 8192)] }));
  await model.meet(answers({ data: [card("y", 4096)] }));
  expect(model).toMatchObject({ name: "y", maxLength: 4096 });
});
