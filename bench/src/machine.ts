import { cpus, loadavg } from "node:os";

/** What the figures were measured on. */
export interface Machine {
  cpu: string;
  cpus: number;
  node: string;
  /** Of the minute before the run: above about 0.5, somebody else was at work. */
  loadAverage: string;
}

export const describeMachine = (): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? "unknown",
  cpus: cpus().length,
  node: process.versions.node,
  loadAverage: (loadavg()[0] ?? 0).toFixed(2),
});
