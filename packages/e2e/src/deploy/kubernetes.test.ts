import { expect, test } from "@jest/globals";
import { ScaledObject } from "@kubernetes-models/keda/keda.sh/v1alpha1";
import { PodMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
import { z } from "zod";
import { kubernetesFiles, readYaml } from "./deploy-files.ts";
import { environmentOf, readPod } from "./kubernetes.ts";

const folder = "deploy/kubernetes/";
const pod = readPod(readYaml(`${folder}deployment.yaml`));
const environment = environmentOf(pod.worker);

test("lists every file in its kustomization", () => {
  const { resources } = z
    .looseObject({ resources: z.array(z.string()) })
    .parse(readYaml(`${folder}kustomization.yaml`));
  expect(["kustomization.yaml", ...resources].sort()).toEqual(kubernetesFiles.map((path) => path.replace(folder, "")));
});

test("has a ScaledObject and a PodMonitor as their definitions have them", () => {
  const scaled = readYaml(`${folder}scaled-object.yaml`) as ConstructorParameters<typeof ScaledObject>[0];
  const monitor = readYaml(`${folder}pod-monitor.yaml`) as ConstructorParameters<typeof PodMonitor>[0];
  expect(() => new ScaledObject(scaled).validate()).not.toThrow();
  expect(() => new PodMonitor(monitor).validate()).not.toThrow();
});

test("leaves the worker the time of preStop, of its drain, and of its last reports", () => {
  const { seconds } = pod.worker.lifecycle.preStop.sleep;
  expect(pod.graceSeconds).toBeGreaterThanOrEqual(seconds + Number(environment.DRAIN_SECONDS) + 20);
});

test("probes the internal port where the node reaches it", () => {
  const { livenessProbe, readinessProbe, startupProbe } = pod.worker;
  expect([startupProbe, livenessProbe, readinessProbe].map(({ httpGet }) => [httpGet.port, httpGet.path])).toEqual([
    ["internal", "/healthz"],
    ["internal", "/healthz"],
    ["internal", "/readyz"],
  ]);
  expect(environment.WORKER_HTTP_HOST).toBe("0.0.0.0");
});

test("mounts the model's log in both containers, and what the worker writes where it may write", () => {
  const log = { name: "model-log", mountPath: "/var/log/model" };
  expect(pod.model.volumeMounts).toContainEqual(log);
  expect(pod.worker.volumeMounts).toContainEqual({ ...log, readOnly: true });
  expect(environment.MODEL_LOG).toMatch(/^\/var\/log\/model\//);
  expect(pod.model.args.join("\n")).toContain(environment.MODEL_LOG);
  expect(pod.worker.volumeMounts.filter(({ readOnly }) => readOnly !== true)).toEqual([
    { name: "benchmark", mountPath: "/var/lib/pyworker" },
  ]);
  const mounted = [...pod.model.volumeMounts, ...pod.worker.volumeMounts].map(({ name }) => name);
  expect([...new Set(mounted)].sort()).toEqual([...pod.volumes].sort());
});

const selects = z.looseObject({ matchLabels: z.record(z.string(), z.string()) });

test("selects the same pods everywhere", () => {
  const { spec: service } = z
    .looseObject({ spec: z.looseObject({ selector: z.record(z.string(), z.string()) }) })
    .parse(readYaml(`${folder}service.yaml`));
  const { spec: policy } = z
    .looseObject({ spec: z.looseObject({ podSelector: selects }) })
    .parse(readYaml(`${folder}network-policy.yaml`));
  const [budget, monitor] = ["disruption-budget.yaml", "pod-monitor.yaml"].map((file) =>
    z.looseObject({ spec: z.looseObject({ selector: selects }) }).parse(readYaml(folder + file)),
  );
  const found = [
    service.selector,
    policy.podSelector.matchLabels,
    budget?.spec.selector.matchLabels,
    monitor?.spec.selector.matchLabels,
  ];
  expect(found).toEqual(found.map(() => pod.labels));
});
