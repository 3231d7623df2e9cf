import { expect, test } from "@jest/globals";
import { readCompose } from "./compose.ts";
import { readManifest, readText, readYaml } from "./deploy-files.ts";

const { services, volumes } = readCompose(readYaml("deploy/compose.yaml"));
const all = Object.values(services);

test("takes our packages in versions like the one that this is", () => {
  const words = all.flatMap(({ command }) => command).filter((word) => word.startsWith("@pyworker/"));
  const { version } = readManifest("packages/core/");
  expect(words).toEqual([`@pyworker/engine@^${version}`, `@pyworker/testing@^${version}`]);
});

test("builds the worker's image under the name that the Kubernetes example has it by", () => {
  const tag = `pyworker-vllm:${readManifest("apps/vllm/").version}`;
  expect(services.worker.image).toBe(tag);
  expect(readText("deploy/kubernetes/kustomization.yaml")).toContain(
    `newName: registry.example.com/pyworker-vllm\n    newTag: ${readManifest("apps/vllm/").version}\n`,
  );
});

test("pins every image, vLLM's the same as in the Kubernetes example", () => {
  const { devDependencies } = readManifest("");
  const node = `node:${devDependencies?.node}-slim`;
  expect([services.engine.image, services.model.image]).toEqual([node, node]);
  const [image = "none"] = /vllm\/vllm-openai:v[\d.]+/.exec(readText("deploy/compose.vllm.yaml")) ?? [];
  expect(readText("deploy/kubernetes/deployment.yaml")).toContain(`image: ${image}\n`);
});

test("publishes ports on this machine alone", () => {
  const ports = all.flatMap(({ ports: published }) => published);
  expect(ports.length).toBeGreaterThan(0);
  expect(ports.filter((port) => !port.startsWith("127.0.0.1:"))).toEqual([]);
});

test("declares the volumes that it mounts, and mounts those that it declares", () => {
  const mounted = all.flatMap((service) => service.volumes).map((volume) => volume.split(":")[0]);
  expect([...new Set(mounted)].sort()).toEqual(Object.keys(volumes).sort());
});

test("leaves the worker more time than it drains for, and stops it before its model server", () => {
  const { depends_on: dependencies, environment, stop_grace_period: grace = "" } = services.worker;
  expect(Number(grace.replace(/s$/, ""))).toBeGreaterThanOrEqual(Number(environment.DRAIN_SECONDS) + 20);
  expect(Object.keys(dependencies)).toContain("model");
});
