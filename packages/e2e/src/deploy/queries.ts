import { z } from "zod";
import { readText, readYaml } from "./deploy-files.ts";

/** A query in one of our files, and where it stands there. */
export interface FoundQuery {
  place: string;
  expression: string;
}

const alert = z.strictObject({
  alert: z.string().regex(/^Pyworker[A-Z]\w+$/),
  expr: z.string(),
  for: z.string().regex(/^\d+m$/),
  labels: z.strictObject({ severity: z.enum(["critical", "warning"]) }),
  annotations: z.strictObject({ summary: z.string().min(10), runbook: z.string().min(50) }),
});

const rules = z.strictObject({ groups: z.array(z.strictObject({ name: z.string(), rules: z.array(alert) })) });

export type Alert = z.output<typeof alert>;

/** Every alerting rule. Throws where one lacks something or has too much. */
export const readAlerts = (): Alert[] =>
  rules.parse(readYaml("deploy/alerts.yaml")).groups.flatMap((group) => group.rules);

const gridPosition = z.strictObject({ x: z.int(), y: z.int(), w: z.int(), h: z.int() });
const source = z.strictObject({ type: z.literal("prometheus"), uid: z.literal("$" + "{datasource}") });

/** What we hold panels to; Grafana knows more. */
const panel = z.looseObject({
  id: z.int(),
  type: z.enum(["row", "stat", "timeseries"]),
  title: z.string().min(1),
  description: z.string().optional(),
  datasource: source.optional(),
  gridPos: gridPosition,
  targets: z
    .array(z.strictObject({ refId: z.string(), datasource: source, expr: z.string(), legendFormat: z.string() }))
    .default([]),
});

const dashboard = z.looseObject({
  uid: z.string(),
  title: z.string(),
  templating: z.strictObject({
    list: z.array(z.looseObject({ name: z.string(), type: z.string(), definition: z.string().optional() })),
  }),
  panels: z.array(panel),
});

export type Panel = z.output<typeof panel>;

export const readDashboard = (): z.output<typeof dashboard> =>
  dashboard.parse(JSON.parse(readText("deploy/grafana.json")));

const scaledObject = z.looseObject({
  spec: z.looseObject({ triggers: z.array(z.looseObject({ metadata: z.looseObject({ query: z.string() }) })) }),
});

/** Every query of the dashboard, of the alerts, and of the autoscaling. Grafana's own variables have values. */
export function allQueries(): FoundQuery[] {
  const { spec } = scaledObject.parse(readYaml("deploy/kubernetes/scaled-object.yaml"));
  return [
    ...readAlerts().map(({ alert: name, expr }) => ({ place: name, expression: expr })),
    ...readDashboard().panels.flatMap(({ targets, title }) =>
      targets.map(({ expr }) => ({
        place: title,
        expression: expr.replaceAll("$__rate_interval", "1m").replaceAll("$instance", ".*"),
      })),
    ),
    ...spec.triggers.map(({ metadata }) => ({ place: "ScaledObject", expression: metadata.query })),
  ];
}
