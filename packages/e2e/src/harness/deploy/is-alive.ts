import { existsSync, readFileSync } from "node:fs";

/** One that has ended stays listed, as Z, until whoever inherited it has asked how. */
export const isAlive = (pid: number): boolean =>
  existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
