import { describe, expect, test } from "@jest/globals";
import { decodeBase64 } from "@pyworker/core";
import { readEncodedFile } from "./encoded-file.ts";

function decoded(text: string): string | undefined {
  const file = readEncodedFile(text);
  return file && decodeBase64(file)?.toString();
}

describe("base64", () => {
  test.each(["", "f", "fo", "foo", "foob", "fooba", "foobar"])("of %j is decoded, padded or not", (text) => {
    const encoded = Buffer.from(text).toString("base64");
    expect(decoded(encoded)).toBe(text);
    expect(decoded(encoded.replace(/=+$/, ""))).toBe(text);
  });

  test("may be broken into lines", () => {
    expect(decoded("Zm9v\r\nYmFy\n")).toBe("foobar");
    expect(decoded("  Zm 9v")).toBe("foo");
  });

  test.each(["%%%", "Zm9v%", "Zm9vY", "Zm9v=YmFy", "Zm9v====", "{}", "ZöZZ"])("is not %j", (text) => {
    expect(decoded(text)).toBeUndefined();
  });

  test("is sized before it is decoded", () => {
    expect(readEncodedFile("Zm9v YmE=")?.size).toBe(5);
    expect(readEncodedFile("")?.size).toBe(0);
  });
});

describe("a data: URI", () => {
  test.each([
    ["data:audio/wav;base64,Zm9v", "audio/wav"],
    ["data:Audio/WAV;codecs=1;base64,Zm9v", "audio/wav"],
    ["DATA:;base64,Zm9v", undefined],
  ])("%s tells the type", (uri, type) => {
    expect(readEncodedFile(uri)).toMatchObject({ base64: "Zm9v", size: 3, type });
    expect(decoded(uri)).toBe("foo");
  });

  test.each(["data:text/plain,foo", "data:audio/wav;base64", `data:${"x".repeat(128)};base64,Zm9v`])(
    "is not %s",
    (uri) => {
      expect(readEncodedFile(uri)).toBeUndefined();
    },
  );
});
