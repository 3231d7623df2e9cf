import { expect, test } from "@jest/globals";
import { contentTypeOf, headBytes } from "./content-type.ts";
import { contents } from "./contents.test.fixture.ts";

const typeOf = (content: Buffer, { declared, filename = "file" }: { declared?: string; filename?: string } = {}) =>
  contentTypeOf({ head: content.subarray(0, headBytes), declared, filename });

test.each([
  ["png", "image/png"],
  ["jpeg", "image/jpeg"],
  ["gif", "image/gif"],
  ["webp", "image/webp"],
  ["mp4", "video/mp4"],
  ["webm", "video/webm"],
  ["mp3", "audio/mpeg"],
  ["taggedMp3", "audio/mpeg"],
  ["m4a", "audio/x-m4a"],
  ["flac", "audio/flac"],
  ["opus", "audio/ogg"],
  ["vorbis", "audio/ogg"],
  ["wav", "audio/wav"],
  ["glb", "model/gltf-binary"],
] as const)("%s is told by its first bytes", async (kind, type) => {
  expect(await typeOf(contents[kind])).toBe(type);
});

test("the content counts more than what it is declared to be, and that more than the extension", async () => {
  expect(await typeOf(contents.mp4, { declared: "image/png", filename: "a.gif" })).toBe("video/mp4");
  expect(await typeOf(contents.text, { declared: "Text/CSV; charset=utf-8", filename: "a.txt" })).toBe("text/csv");
  expect(await typeOf(contents.text, { filename: "a.TXT" })).toBe("text/plain");
});

test("a type that only says how the content is wrapped gives way to one that says what it is", async () => {
  expect(await typeOf(contents.svg, { declared: "image/svg+xml" })).toBe("image/svg+xml");
  expect(await typeOf(contents.text, { declared: "application/octet-stream", filename: "a.srt" })).toBe(
    "application/x-subrip",
  );
  expect(await typeOf(contents.svg)).toBe("application/xml");
  expect(await typeOf(contents.text, { declared: "application/octet-stream" })).toBe("application/octet-stream");
});

test("nothing is made up", async () => {
  expect(await typeOf(contents.text)).toBeUndefined();
  expect(await typeOf(Buffer.alloc(0), { filename: "file.unheard-of" })).toBeUndefined();
});
