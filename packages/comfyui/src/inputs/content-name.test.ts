import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { contentName } from "./content-name.ts";

const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const flac = Buffer.concat([Buffer.from("fLaC"), Buffer.alloc(64)]);
const mp4 = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from("ftypisom"), Buffer.alloc(64)]);
const unknown = Buffer.from("just text");

describe("a content's name", () => {
  test("is a digest, the same for the same content", async () => {
    const digest = createHash("sha256").update(png).digest("hex").slice(0, 32);
    expect(await contentName(png, "a.jpg")).toBe(`${digest}.png`);
    expect(await contentName(Buffer.from(png), "")).toBe(`${digest}.png`);
  });

  test.each([
    ["png", png, "a.jpg"],
    ["flac", flac, "a.mp3"],
    ["mp4", mp4, ""],
    ["srt", unknown, "subtitles.SRT"],
    ["safetensors", unknown, "/models/x.safetensors"],
    ["bin", unknown, "noextension"],
    ["bin", unknown, "a.../..%2f"],
    ["zip", Buffer.from([0x50, 0x4b, 3, 4]), ""],
  ])("ends in .%s", async (extension, content, name) => {
    expect(await contentName(content, name)).toMatch(new RegExp(`^[0-9a-f]{32}\\.${extension}$`));
  });
});
