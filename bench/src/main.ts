// `npm run bench`: measures the worker, side by side with what it is compared with, and prints the ratios.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Bench } from "./bench.ts";
import { CleanUps } from "./clean-ups.ts";
import { failed, type Line } from "./line.ts";
import { describeMachine } from "./machine.ts";
import type { Row } from "./row.ts";
import { rows } from "./rows/index.ts";
import { createStage } from "./stage.ts";
import { formatTable } from "./table.ts";

const help = `npm run bench -- [options]

Measures the worker beside what it is compared with, each in turn, and prints one table. A full run with --peers takes about
ten minutes; nothing else should be at work on the machine meanwhile.

  --peers       also measure nginx and the Python worker, installed into .cache/ where they are not there
  --rows LIST   only these rows, separated by commas
  --quick       fewer and shorter rounds, to try it out: its figures mean little
  --help        this text

Rows:
${rows.map(({ row, what }) => `  ${row.padEnd(4)} ${what}`).join("\n")}`;

const { values } = parseArgs({
  options: {
    peers: { type: "boolean", default: false },
    rows: { type: "string" },
    quick: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const resultsFolder = fileURLToPath(new URL("../results", import.meta.url));
const cleanUps = new CleanUps();
const interruption = new AbortController();

if (values.help) {
  console.log(help);
} else {
  process.on("SIGINT", () => interrupt(130)).on("SIGTERM", () => interrupt(143));
  try {
    await main(chooseRows(values.rows));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  } finally {
    await cleanUps.run();
  }
}

async function main(chosen: readonly Row[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "pyworker-bench-"));
  cleanUps.add(() => rm(folder, { recursive: true, force: true }));
  const bench: Bench = {
    folder,
    cleanUps,
    signal: interruption.signal,
    peers: values.peers,
    rounds: values.quick ? 2 : 5,
    seconds: values.quick ? 1 : 3,
    requests: values.quick ? 100 : 400,
    say: (text) => console.error(text),
  };
  const machine = describeMachine();
  bench.say(`${machine.cpus} × ${machine.cpu}, Node ${machine.node}, load average ${machine.loadAverage}`);
  const stage = createStage(bench);
  const startedAt = new Date();
  const lines: Line[] = [];
  for (const row of chosen) {
    bench.say(`${row.row}: ${row.what} …`);
    lines.push(...(await measure(row, () => row.measure(bench, stage))));
  }
  console.log(formatTable(lines));
  await mkdir(resultsFolder, { recursive: true });
  const result = { startedAt, minutes: (Date.now() - startedAt.getTime()) / 60_000, machine, options: values, lines };
  await writeFile(join(resultsFolder, "latest.json"), `${JSON.stringify(result, null, 2)}\n`);
}

/** A row that fails takes no other with it, but the run has failed then. */
async function measure({ row, what }: Row, run: () => Promise<Line[]>): Promise<Line[]> {
  try {
    return await run();
  } catch (error) {
    interruption.signal.throwIfAborted();
    process.exitCode = 1;
    return [failed(row, what, error instanceof Error ? error.message : String(error))];
  }
}

function chooseRows(list: string | undefined): readonly Row[] {
  const names = list?.split(",").map((name) => name.trim().toLowerCase());
  const unknown = names?.filter((name) => !rows.some(({ row }) => row.toLowerCase() === name)) ?? [];
  if (unknown.length > 0) {
    throw new Error(`no row "${unknown.join(", ")}"; there are: ${rows.map(({ row }) => row).join(", ")}`);
  }
  return names === undefined ? rows : rows.filter(({ row }) => names.includes(row.toLowerCase()));
}

function interrupt(status: number): void {
  interruption.abort(new Error("interrupted"));
  void cleanUps.run().finally(() => process.exit(status));
}
