import { z } from "zod";

const service = z.looseObject({
  image: z.string(),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  healthcheck: z.looseObject({ test: z.array(z.string()).default([]) }).default({ test: [] }),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  stop_grace_period: z.string().optional(),
  depends_on: z.record(z.string(), z.unknown()).default({}),
});

const composeFile = z.looseObject({
  services: z.strictObject({ engine: service, model: service, worker: service }),
  volumes: z.record(z.string(), z.unknown()),
});

export type ComposeService = z.output<typeof service>;

/** What deploy/compose.yaml says, as far as a process without a container can do it. */
export const readCompose = (content: unknown): z.output<typeof composeFile> => composeFile.parse(content);
