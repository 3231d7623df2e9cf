import { type Line, showNumber } from "./line.ts";

const columns = ["row", "what", "ours", "peer", "ratio", "target", "met"] as const;

/** The lines as a table of plain text. */
export function formatTable(lines: readonly Line[]): string {
  const rows = [[...columns], ...lines.map(cells)];
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const formatted = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return [formatted[0], widths.map((width) => "-".repeat(width)).join("  "), ...formatted.slice(1)].join("\n");
}

const cells = ({ met, ratio, ...line }: Line): string[] => [
  line.row,
  line.what,
  line.ours,
  line.peer,
  ratio === undefined ? "" : showNumber(ratio),
  line.target,
  met === undefined ? "" : met ? "yes" : "NO",
];
