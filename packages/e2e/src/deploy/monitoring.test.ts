import { expect, test } from "@jest/globals";
import { errorCodes, metrics } from "@pyworker/core";
import { type Matcher, readQuery, type Selector } from "./promql.ts";
import { allQueries, type Panel, readAlerts, readDashboard } from "./queries.ts";

/** What Prometheus adds to every metric, here or in Kubernetes. */
const targetLabels = ["job", "instance", "namespace", "pod", "container"];

const table = Object.values(metrics);

/** Labels of a metric as a query names it; undefined where there is no such metric. */
function labelsOf(name: string): readonly string[] | undefined {
  const found = table.find((metric) =>
    metric.type === "histogram"
      ? [`${metric.name}_bucket`, `${metric.name}_sum`, `${metric.name}_count`].includes(name)
      : metric.name === name,
  );
  if (found !== undefined) {
    return [...found.labels, ...(name.endsWith("_bucket") ? ["le"] : [])];
  }
  // Node's own; that a worker tells them is for a scenario to see.
  return /^(nodejs|process)_/.test(name) ? [] : undefined;
}

const outcomes = ["success", "error", "cancelled", "rejected"];
const states = ["loading", "benchmarking", "confirming", "ready", "errored", "draining"];
const valuesOf: Readonly<Record<string, readonly string[]>> = {
  outcome: outcomes,
  state: states,
  code: [...Object.keys(errorCodes), "client_left", "broken_answer"],
};

function faultsOf(expression: string): string[] {
  const { faults, groupedBy, selectors } = readQuery(expression);
  const known = new Set([...targetLabels, ...selectors.flatMap(({ metric }) => labelsOf(metric) ?? [])]);
  return [
    ...faults,
    ...selectors.flatMap(selectorFaults),
    ...groupedBy.filter((label) => !known.has(label)).map((label) => `groups by ${label}`),
  ];
}

function selectorFaults({ matchers, metric }: Selector): string[] {
  const labels = labelsOf(metric);
  if (labels === undefined) {
    return [`there is no metric ${metric}`];
  }
  return matchers.flatMap((matcher) => matcherFaults(matcher, [...labels, ...targetLabels]));
}

function matcherFaults({ label, operator, value }: Matcher, labels: readonly string[]): string[] {
  const values = operator.includes("~") ? value.split("|") : [value];
  const unknown = values.filter((one) => valuesOf[label]?.includes(one) === false);
  return [...(labels.includes(label) ? [] : [`has no label ${label}`]), ...unknown.map((one) => `${label} ${one}`)];
}

test("queries of dashboard, alerts and autoscaling are PromQL, of metrics, labels and values that there are", () => {
  const queries = allQueries();
  expect(queries.length).toBeGreaterThan(30);
  expect(queries.flatMap(({ expression, place }) => faultsOf(expression).map((fault) => `${place}: ${fault}`))).toEqual(
    [],
  );
});

test("a query of what there isn't would be noticed", () => {
  expect(faultsOf("sum(pyworker_nonsense)")).toEqual(["there is no metric pyworker_nonsense"]);
  expect(faultsOf('pyworker_load{route="/x"}')).toEqual(["has no label route"]);
  expect(faultsOf('pyworker_errors_total{code="queue_ful"}')).toEqual(["code queue_ful"]);
  expect(faultsOf("sum by (outcome) (pyworker_load)")).toEqual(["groups by outcome"]);
  expect(faultsOf("rate(pyworker_request_duration_seconds[5m])")).toHaveLength(1);
});

test("every metric is on the dashboard", () => {
  const shown = readDashboard()
    .panels.flatMap(({ targets }) => targets)
    .flatMap(({ expr }) => readQuery(expr).selectors)
    .map(({ metric }) => metric);
  expect(table.map(({ name }) => name).filter((name) => !shown.some((metric) => metric.startsWith(name)))).toEqual([]);
});

test("each alert has a name of its own, and its text names only labels that its query leaves", () => {
  const alerts = readAlerts();
  const names = alerts.map(({ alert }) => alert);
  expect(names).toEqual([...new Set(names)]);
  for (const { annotations, expr } of alerts) {
    const used = [...annotations.summary.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label);
    const isAggregated = /^\s*(sum|absent)\b(?! by)/.test(expr);
    expect([expr, used]).toEqual([expr, isAggregated ? [] : ["instance"]]);
  }
});

test("the dashboard asks which data source and which workers, and its panels don't overlap", () => {
  const { panels, templating } = readDashboard();
  expect(templating.list.map(({ name, type }) => [name, type])).toEqual([
    ["datasource", "datasource"],
    ["instance", "query"],
  ]);
  const charts = panels.filter(({ type }) => type !== "row");
  expect(charts.filter(({ datasource, description, targets }) => !(datasource && description && targets[0]))).toEqual(
    [],
  );
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  expect(charts.flatMap(({ targets }) => targets).filter(({ expr }) => !expr.includes("$instance"))).toEqual([]);
  const overlaps = panels.filter((one, index) => panels.slice(index + 1).some((other) => overlap(one, other)));
  expect(overlaps).toEqual([]);
});

const overlap = ({ gridPos: a }: Panel, { gridPos: b }: Panel): boolean =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
