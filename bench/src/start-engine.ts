import { createEngine, type Engine } from "@pyworker/engine";
import type { Bench } from "./bench.ts";

/** The local engine, in this process. */
export interface RunningEngine {
  engine: Engine;
  url: string;
}

/** Python workers have ids from here on: what a peer reports is its own affair. */
const firstPeerId = 1000;
const ids = { ours: 0, peer: firstPeerId };

/** An id that no worker of this run has had. */
export function nextWorkerId(whose: "ours" | "peer"): number {
  ids[whose] += 1;
  return ids[whose];
}

/** Starts the engine. What our workers report must keep to the contract. */
export async function startEngine(bench: Bench): Promise<RunningEngine> {
  const engine = createEngine({
    onViolation: ({ found, rule, workerId }) => {
      if (workerId === undefined || workerId < firstPeerId) {
        bench.say(`worker ${workerId} broke the contract: ${rule}; found ${found}`);
      }
    },
  });
  const { url } = await engine.start();
  bench.cleanUps.add(() => engine.stop());
  return { engine, url };
}
