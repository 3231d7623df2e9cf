import { expect, test } from "@jest/globals";
import { storageKeys } from "./storage-keys.ts";

const file = (filename: string, subfolder = "", type = "output") => ({ filename, subfolder, type });

test("a key is the request's id and the file's name", () => {
  expect(storageKeys([file("a.png"), file("b.mp4", "video")], "job-1")).toEqual(["job-1/a.png", "job-1/b.mp4"]);
});

test("files of one name keep their folders", () => {
  const files = [file("a.png", "x"), file("a.png"), file("b.png", "x")];
  expect(storageKeys(files, "job-1")).toEqual(["job-1/x/a.png", "job-1/a.png", "job-1/b.png"]);
});

test("files of one name and of different types keep those too", () => {
  const files = [file("a.png"), file("a.png", "", "temp"), file("a.png", "output")];
  expect(storageKeys(files, "job-1")).toEqual(["job-1/output/a.png", "job-1/temp/a.png", "job-1/output/output/a.png"]);
});

test("nothing in a name leads out of the request's folder", () => {
  expect(storageKeys([file("../../b/a.png")], "../x/./job")).toEqual(["x/job/b/a.png"]);
  expect(storageKeys([file("..\\a.png")], "/job")).toEqual(["job/a.png"]);
});
