import { describe, expect, test } from "@jest/globals";
import { decodeDataUri, isDataUri, readBase64 } from "./decode-file.ts";

const bytes = Buffer.from([0, 255, 62, 63, 1]);
const base64 = bytes.toString("base64");

describe("decoding a file", () => {
  test.each([
    base64,
    base64.replace("=", ""),
    bytes.toString("base64url"),
    ` ${base64.slice(0, 3)}\r\n${base64.slice(3)}\n`,
  ])("reads %j", (text) => {
    expect(readBase64(text, 5)).toEqual(bytes);
  });

  test.each(["not base64!", "cat.png", "AAAAA", "AA=A", "héé"])("refuses %j", (text) => {
    expect(() => readBase64(text, 100)).toThrow("neither a URL, nor a data URI, nor base64");
  });

  test("reads data URIs", async () => {
    expect(await decodeDataUri(`data:image/png;base64,${base64}`, 5)).toEqual(bytes);
    expect(await decodeDataUri(`DATA:;BASE64,${base64}`, 5)).toEqual(bytes);
    expect(await decodeDataUri(`data:audio/wav;codecs=1;base64,${base64}`, 5)).toEqual(bytes);
    expect(await decodeDataUri("data:image/svg+xml;charset=utf-8,%3Csvg/%3E%ff", 7)).toEqual(
      Buffer.from("<svg/>\xff", "latin1"),
    );
  });

  test("refuses what is too large", async () => {
    const message = "larger than 4 bytes";
    expect(() => readBase64(base64, 4)).toThrow(message);
    await expect(decodeDataUri(`data:image/png;base64,${base64}`, 4)).rejects.toThrow(message);
    await expect(decodeDataUri("data:text/plain,12345", 4)).rejects.toThrow(message);
    await expect(decodeDataUri(`data:text/plain,${"1".repeat(100)}`, 4)).rejects.toThrow(message);
  });

  test("knows a data URI from a text that begins like one", () => {
    expect(isDataUri("data:image/png;base64,AAAA")).toBe(true);
    expect(isDataUri("data:text/plain,a b")).toBe(true);
    expect(isDataUri("data: a chart, in blue")).toBe(false);
    expect(isDataUri("data:chart, in blue")).toBe(false);
    expect(isDataUri("a data:image/png;base64,AAAA")).toBe(false);
  });
});
