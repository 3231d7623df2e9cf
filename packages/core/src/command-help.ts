import { variables } from "./variables.ts";

interface Help {
  command: string;
  docs?: string;
  variables?: Readonly<Record<string, string>>;
}

/** What `--help` prints. */
export function commandHelp({ command, docs, variables: own = {} }: Help, description: string): string {
  const sections: [string, Readonly<Record<string, string>>][] = [
    ["Options:", options],
    ["Environment, what matters most of it:", mostNeeded()],
    ["Environment of this worker alone:", own],
  ];
  const width = Math.max(...sections.flatMap(([, rows]) => Object.keys(rows)).map((name) => name.length));
  return [
    `${command} [options]`,
    wrap(
      `${description && `${description}. `}It is set up by its environment, and serves until SIGTERM.`,
      lineWidth,
    ).join("\n"),
    ...sections
      .filter(([, rows]) => Object.keys(rows).length > 0)
      .map(([title, rows]) => [title, ...Object.entries(rows).map((row) => formatRow(row, width))].join("\n")),
    [`All variables: ${configurationPage}`, ...(docs === undefined ? [] : [`This package: ${docs}`])].join("\n"),
  ].join("\n\n");
}

const options = {
  "--check":
    "looks at configuration, model server, log, engine, ports and certificate, says what is wrong and what to do, and starts nothing; exits 1 where something is wrong",
  "--version": "the version",
  "-h, --help": "this text",
};

const configurationPage = "https://github.com/pyworker/pyworker/blob/main/docs/configuration.md";

const needed = [
  "MODEL_SERVER_URL",
  "MODEL_LOG",
  "MODEL_API_KEY",
  "WORKER_PORT",
  "CONTAINER_ID",
  "PUBLIC_IPADDR",
  "REPORT_ADDR",
  "USE_SSL",
  "UNSECURED",
] as const satisfies readonly (keyof typeof variables)[];

const mostNeeded = (): Record<string, string> => ({
  ...Object.fromEntries(needed.map((name) => [name, withFallback(variables[name])])),
  VAST_TCP_PORT_n: "the public port that leads to WORKER_PORT, as VAST_TCP_PORT_3000 (required, unless UNSECURED)",
});

const withFallback = ({ fallback, meaning }: { fallback: string | undefined; meaning: string }): string =>
  fallback ? `${meaning} (default: ${fallback})` : meaning;

const lineWidth = 96;

/** A name, and behind it what it means. */
function formatRow([name, meaning]: readonly [string, string], width: number): string {
  const indent = width + 4;
  const lines = wrap(meaning.replaceAll("`", ""), lineWidth - indent);
  return `  ${name.padEnd(width)}  ${lines.join(`\n${" ".repeat(indent)}`)}`;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) {
      lines.push(word);
    } else {
      lines[lines.length - 1] = `${last} ${word}`;
    }
  }
  return lines;
}
