import type { SyntaxNode } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";

/** What a query asks for. */
export interface Query {
  /** Where it is no PromQL, each place and what stands there. */
  faults: readonly string[];
  selectors: readonly Selector[];
  /** The labels that it groups and joins by. */
  groupedBy: readonly string[];
}

/** A metric, and the labels that a query wants of it. */
export interface Selector {
  metric: string;
  matchers: readonly Matcher[];
}

export interface Matcher {
  label: string;
  operator: string;
  value: string;
}

/** Reads a query as Prometheus' own editor does. */
export function readQuery(expression: string): Query {
  const faults: string[] = [];
  const selectors: { metric: string; matchers: Matcher[] }[] = [];
  const groupedBy: string[] = [];
  const tree = parser.parse(expression);
  tree.iterate({
    enter: ({ from, name, node, to, type }) => {
      const text = expression.slice(from, to);
      if (type.isError) {
        faults.push(`at ${from}: ${JSON.stringify(text || expression.slice(from, from + 10))}`);
      } else if (name === "VectorSelector") {
        selectors.push({ metric: textOf(node.getChild("Identifier")), matchers: [] });
      } else if (name === "UnquotedLabelMatcher") {
        const [label, operator, value] = ["LabelName", "MatchOp", "StringLiteral"].map((child) =>
          textOf(node.getChild(child)),
        );
        selectors.at(-1)?.matchers.push({
          label: label ?? "",
          operator: operator ?? "",
          value: (value ?? "").slice(1, -1),
        });
      } else if (name === "GroupingLabels") {
        groupedBy.push(...node.getChildren("LabelName").map(textOf));
      }
    },
  });
  return { faults, selectors, groupedBy };

  function textOf(node: SyntaxNode | null): string {
    return node === null ? "" : expression.slice(node.from, node.to);
  }
}
