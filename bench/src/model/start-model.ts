import { fileURLToPath } from "node:url";
import { until } from "@pyworker/testing";
import type { Bench } from "../bench.ts";
import { startServer } from "../server-process.ts";
import type { Target } from "../target.ts";

const program = fileURLToPath(new URL("./stand-in.ts", import.meta.url));

/** Starts the stand-in model server. */
export async function startModel(bench: Bench): Promise<Target> {
  const process_ = startServer(bench, { name: "model", command: process.execPath, args: [program] });
  const port = await until(() => /"port":(\d+)/.exec(process_.output())?.[1], { what: () => "the stand-in to listen" });
  return { url: `http://127.0.0.1:${port}`, process: process_ };
}

/** The path at which the stand-in streams: so many events, one every so many milliseconds. */
export const streamPath = (events: number, milliseconds: number): string => `/stream/${events}/${milliseconds}`;
