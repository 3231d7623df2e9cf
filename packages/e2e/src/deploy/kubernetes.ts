import { z } from "zod";

const httpGet = z.looseObject({ httpGet: z.looseObject({ path: z.string(), port: z.string() }) });
const env = z.array(z.looseObject({ name: z.string(), value: z.string().optional() }));
const mounts = z.array(z.looseObject({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().optional() }));

const worker = z.looseObject({
  name: z.literal("worker"),
  image: z.string(),
  env,
  ports: z.array(z.looseObject({ name: z.string(), containerPort: z.int() })),
  startupProbe: httpGet,
  readinessProbe: httpGet,
  livenessProbe: httpGet,
  lifecycle: z.looseObject({ preStop: z.looseObject({ sleep: z.looseObject({ seconds: z.int() }) }) }),
  volumeMounts: mounts,
});

const model = z.looseObject({
  name: z.literal("vllm"),
  image: z.string(),
  restartPolicy: z.literal("Always"),
  command: z.array(z.string()),
  args: z.array(z.string()),
  env,
  volumeMounts: mounts,
});

const labels = z.record(z.string(), z.string());

const deployment = z.looseObject({
  spec: z.looseObject({
    selector: z.looseObject({ matchLabels: labels }),
    template: z.looseObject({
      metadata: z.looseObject({ labels }),
      spec: z.looseObject({
        terminationGracePeriodSeconds: z.int(),
        initContainers: z.tuple([model]),
        containers: z.tuple([worker]),
        volumes: z.array(z.looseObject({ name: z.string() })),
      }),
    }),
  }),
});

/** The example's pod: vLLM as a native sidecar, and the worker. */
export interface Pod {
  labels: Readonly<Record<string, string>>;
  graceSeconds: number;
  model: z.output<typeof model>;
  worker: z.output<typeof worker>;
  volumes: readonly string[];
}

export function readPod(content: unknown): Pod {
  const { selector, template } = deployment.parse(content).spec;
  const { containers, initContainers, terminationGracePeriodSeconds, volumes } = template.spec;
  return {
    labels: selector.matchLabels,
    graceSeconds: terminationGracePeriodSeconds,
    model: initContainers[0],
    worker: containers[0],
    volumes: volumes.map(({ name }) => name),
  };
}

/** A container's variables that have a value in the file. */
export const environmentOf = (container: { env: z.output<typeof env> }): Record<string, string> =>
  Object.fromEntries(container.env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])));
