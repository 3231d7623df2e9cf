import { describe, expect, test } from "@jest/globals";
import { encodeMultipart, FilePart, multipart } from "./multipart.ts";

/** What a server makes of the body. */
async function received(fields: Record<string, unknown>): Promise<FormData> {
  const { body, contentType } = await encodeMultipart(multipart(fields));
  return new Response(new Uint8Array(body), {
    headers: { "content-type": contentType },
  }).formData();
}

describe("multipart", () => {
  test("sends texts, numbers and switches as text", async () => {
    const form = await received({ prompt: "é 😀\r\n--x", seed: 9223372036854775807n, scale: 1.5, on: true, none: "" });
    expect(Object.fromEntries(form)).toEqual({
      prompt: "é 😀\r\n--x",
      seed: "9223372036854775807",
      scale: "1.5",
      on: "true",
      none: "",
    });
  });

  test("sends objects as JSON, with whole numbers of any size exact", async () => {
    const form = await received({ options: { seed: 9223372036854775807n, list: [1] } });
    expect(form.get("options")).toBe('{"seed":9223372036854775807,"list":[1]}');
  });

  test("leaves out what is undefined or null", async () => {
    const form = await received({ a: undefined, b: null, c: [undefined, "x"] });
    expect([...form]).toEqual([["c", "x"]]);
  });

  test("repeats a field for an array, in order", async () => {
    const form = await received({ image: [new FilePart("1.png", Buffer.from("one")), "two", [3]] });
    expect(form.getAll("image")).toHaveLength(3);
    expect(form.getAll("image").slice(1)).toEqual(["two", "[3]"]);
  });

  test("sends a file byte for byte, with its name and type", async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    const part = new FilePart('a "b"\r\n.png', Buffer.concat([Buffer.from("pool"), bytes]).subarray(4), "image/png");
    const form = await received({ image: part, other: new FilePart("raw", Buffer.alloc(0)) });
    const [image, other] = [form.get("image"), form.get("other")];
    if (!(image instanceof Blob && other instanceof Blob)) {
      throw new Error("expected files");
    }
    expect(Buffer.from(await image.arrayBuffer()).equals(bytes)).toBe(true);
    expect(image.type).toBe("image/png");
    expect(image).toMatchObject({ name: expect.stringContaining('a "b"') });
    expect(other).toMatchObject({ name: "raw", size: 0, type: "application/octet-stream" });
  });

  test("wants bytes as a file part, and says so", async () => {
    await expect(encodeMultipart(multipart({ image: Buffer.from("x") }))).rejects.toThrow(
      'multipart field "image": bytes need a name and a type, so pass a FilePart',
    );
  });

  test("lets no field break out of its part", async () => {
    const form = await received({ 'a"\r\nx: y': 'b"\r\ncontent-disposition: form-data; name="c"' });
    expect([...form.keys()]).toHaveLength(1);
  });
});
