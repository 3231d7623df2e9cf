import { expect, test } from "@jest/globals";
import { readDockerfile } from "../harness/deploy/read-dockerfile.ts";
import { appFolders, readManifest, readText } from "./deploy-files.ts";

const files = ["Dockerfile", ".dockerignore"];
const [first = ""] = appFolders;
const stages = readDockerfile(readText(`${first}/Dockerfile`));
const instructions = stages.flatMap((stage) => stage.instructions);
const last = stages.at(-1)?.instructions ?? [];
const find = (word: string): string[] => last.filter((one) => one.word === word).map(({ rest }) => rest);

test.each(appFolders)("%s has the same two files as all others: nothing in them is about one app", (folder) => {
  expect(files.map((file) => readText(`${folder}/${file}`))).toEqual(files.map((file) => readText(`${first}/${file}`)));
});

test("images have the Node that everything here is tested with", () => {
  const { devDependencies } = readManifest("");
  expect(stages.map(({ from }) => from)).toEqual(stages.map(() => `node:${devDependencies?.node}-slim`));
});

test("an image is labelled with its app's version", () => {
  expect(find("ARG")).toContain(`VERSION=${readManifest(`${first}/`).version}`);
  expect(new Set(appFolders.map((folder) => readManifest(`${folder}/`).version)).size).toBe(1);
});

test("the process is Node itself, not root, and has a health check", () => {
  expect(find("CMD")).toEqual(['["node", "worker.ts"]']);
  expect(find("USER")).toEqual(["1000:1000"]);
  expect(find("HEALTHCHECK")).toHaveLength(1);
  expect(find("ENTRYPOINT")).toEqual([]);
});

test("nothing is copied from beyond the app's folder", () => {
  const copied = instructions.filter(({ word }) => word === "COPY" || word === "ADD").map(({ rest }) => rest);
  expect(copied.filter((rest) => rest.includes("..") || /^(?!--from=)\S*:\/\//.test(rest))).toEqual([]);
});
