import { describe, expect, test } from "@jest/globals";
import { FilePart } from "@pyworker/core";
import { faultsOf, formOf } from "../routes/route.test.fixture.ts";

const mebibyte = 1024 * 1024;
const foo = Buffer.from("foo").toString("base64");
const base64Of = (bytes: number): string => "A".repeat(Math.ceil((bytes * 4) / 3));

describe("a file", () => {
  test.each<[how: string, file: unknown, name: string | undefined, sent: object]>([
    ["in base64", foo, undefined, { filename: "audio.wav", type: "audio/wav" }],
    ["with a name", foo, "../My talk.MP3", { filename: "My_talk.MP3", type: "audio/mpeg" }],
    ["in a data: URI", `data:audio/flac;base64,${foo}`, undefined, { filename: "file.flac", type: "audio/flac" }],
    ["in a URI, with a name", `data:audio/flac;base64,${foo}`, "x.ogg", { filename: "x.ogg", type: "audio/ogg" }],
    [
      "of a form",
      new FilePart("a b.webm", Buffer.from("foo")),
      undefined,
      { filename: "a_b.webm", type: "audio/webm" },
    ],
    ["of a form, by its type", new FilePart("blob", Buffer.from("foo"), "audio/wav"), undefined, { filename: "blob" }],
  ])("%s is sent as a file", (_how, file, filename, sent) => {
    const form = formOf("/v1/audio/transcriptions", { file, ...(filename && { filename }), language: "en" });
    expect(form).toMatchObject({ file: [sent], language: "en", model: "mine" });
    expect(form).not.toHaveProperty("filename");
    expect(form.file).toMatchObject([{ bytes: Buffer.from("foo") }]);
  });

  test.each<[what: string, payload: object, path: string, message: RegExp]>([
    ["is missing", { filename: "x.wav" }, "file", /missing/],
    ["is null", { file: null }, "file", /missing/],
    ["is no file", { file: 5 }, "file", /base64/],
    ["is no base64", { file: "%%%" }, "file", /base64/],
    ["is empty", { file: "data:audio/wav;base64," }, "file", /empty/],
    ["is empty and of a form", { file: new FilePart("x.wav", Buffer.alloc(0)) }, "file", /empty/],
    ["is named as no sound", { file: foo, filename: "x.exe" }, "filename", /flac, m4a/],
    ["is named by nothing but its extension", { file: foo, filename: ".wav" }, "filename", /flac/],
    ["is named by a number", { file: foo, filename: 5 }, "filename", /string/],
    ["is a form's, of no known kind", { file: new FilePart("x.exe", Buffer.from("x")) }, "file", /flac/],
    ["comes twice", { file: [foo, foo] }, "file", /one file/],
    ["is larger than 25 MiB", { file: base64Of(25 * mebibyte + 3) }, "file", /at most 25 MiB/],
  ])("that %s is refused", (_what, payload, path, message) => {
    const { first, paths } = faultsOf("/v1/audio/transcriptions", payload);
    expect(paths).toEqual([path]);
    expect(first).toMatch(message);
  });

  test("of 25 MiB is taken", () => {
    const file = Buffer.alloc(25 * mebibyte).toString("base64");
    expect(faultsOf("/v1/audio/transcriptions", { file }).paths).toEqual([]);
  });

  test("may be wrapped with its request, and is named as it stands there", () => {
    expect(formOf("/v1/audio/transcriptions", { input: { file: foo, model: "other" } })).toMatchObject({
      file: [{ filename: "audio.wav" }],
      model: "other",
    });
    expect(faultsOf("/v1/audio/transcriptions", { input: { file: "%%%" } }).paths).toEqual(["input.file"]);
  });
});

describe("files", () => {
  const edit = { prompt: "bluer" };

  test("are named one by one, as far as there are names", () => {
    const form = formOf("/v1/images/edits", { ...edit, image: [foo, foo, foo], filename: ["a.jpg", "b.webp"] });
    expect(form.image).toMatchObject([{ filename: "a.jpg" }, { filename: "b.webp" }, { filename: "image.png" }]);
  });

  test("are refused one by one", () => {
    const payload = { ...edit, image: [foo, "%%%", foo], filename: ["a.jpg", "b.jpg", "c.exe"] };
    expect(faultsOf("/v1/images/edits", payload).paths).toEqual(["image.1", "filename.2"]);
  });

  test("are 16 at most, in all fields together", () => {
    const image = Array.from({ length: 16 }, () => foo);
    expect(faultsOf("/v1/images/edits", { ...edit, image }).paths).toEqual([]);
    expect(faultsOf("/v1/images/edits", { ...edit, image, mask: foo }).paths).toEqual(["mask"]);
    expect(faultsOf("/v1/images/edits", { ...edit, image: [...image, foo] }).paths).toEqual(["image"]);
  });

  test("are 64 MiB at most, in all fields together", () => {
    const image = Array.from({ length: 3 }, () => base64Of(22 * mebibyte));
    const { first, paths } = faultsOf("/v1/images/edits", { ...edit, image });
    expect([paths, first]).toEqual([["image.2"], "at most 64 MiB of files in a request"]);
  });
});

test.each([null, "text", [], 5])("a request that is %j is refused", (payload) => {
  expect(faultsOf("/v1/audio/transcriptions", payload).paths).toEqual([""]);
});

test("all that is wrong is told at once", () => {
  expect(faultsOf("/v1/images/edits", { prompt: 5, mask: "%%%" }).paths.sort()).toEqual(["image", "mask", "prompt"]);
});
