import { expect, test } from "@jest/globals";
import { encodeMultipart, FilePart, multipart } from "../multipart.ts";
import { isForm, readForm } from "./form.ts";

test.each([
  ["multipart/form-data; boundary=x", true],
  ["Multipart/Form-Data;boundary=x", true],
  ["multipart/form-data", false],
  ["multipart/mixed; boundary=x", false],
  ["application/json", false],
  [undefined, false],
])("takes %s for a form: %p", (contentType, expected) => {
  expect(isForm(contentType)).toBe(expected);
});

test("reads what `multipart` writes", async () => {
  const fields = {
    model: "whisper",
    'a "quoted"\r\nname': "a value\r\nof two lines",
    file: new FilePart("a.wav", Buffer.from([0, 255, 13, 10]), "audio/wav"),
    image: [new FilePart("1.png", Buffer.from("one")), new FilePart("2.png", Buffer.from("two"))],
  };
  const { body, contentType } = await encodeMultipart(multipart(fields));
  expect({ ...(await readForm(body, contentType)) }).toEqual(fields);
});

test("makes a list of a field that comes twice, or says that it is one", async () => {
  const form = new FormData();
  form.append("n", "1");
  form.append("n", "2");
  form.append("n", "3");
  form.append("image[]", "one");
  form.append("__proto__", "a field like any other");
  const response = new Response(form);
  const read = await readForm(Buffer.from(await response.arrayBuffer()), response.headers.get("content-type") ?? "");
  expect(Object.entries(read)).toEqual([
    ["n", ["1", "2", "3"]],
    ["image", ["one"]],
    ["__proto__", "a field like any other"],
  ]);
});

test.each([
  "",
  "--other\r\n\r\n--other--",
  "--x\r\nno header\r\n--x--",
  '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\nno end',
])("refuses %j", async (text) => {
  await expect(readForm(Buffer.from(text), "multipart/form-data; boundary=x")).rejects.toMatchObject({
    status: 422,
    body: { payload: "the form is malformed" },
  });
});
