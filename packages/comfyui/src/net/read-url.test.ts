import { describe, expect, test } from "@jest/globals";
import { readUrl } from "./read-url.ts";

describe("read a URL to be asked", () => {
  const secure = new URL("https://example.com/a/b");

  test("takes what redirects within https, or up to it", () => {
    expect(readUrl("c?d", secure).href).toBe("https://example.com/a/c?d");
    expect(readUrl("//other.com/", secure).href).toBe("https://other.com/");
    expect(readUrl("https://other.com/", new URL("http://example.com/")).href).toBe("https://other.com/");
  });

  test("refuses a redirect from https to http", () => {
    expect(() => readUrl("http://example.com/", secure)).toThrow("a redirect from https to http is not allowed");
  });
});
