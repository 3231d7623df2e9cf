import { preparePython } from "./python.ts";
import { type Side, startSide, waitUntilListening, waitUntilReady } from "./side.ts";

/** The reference and our worker, side by side. */
export interface Pair {
  readonly reference: Side;
  readonly ours: Side;
  /** Does the same to both at once; resolves to what came of it on either side. */
  both<Result>(act: (side: Side) => Promise<Result>): Promise<Record<"reference" | "ours", Result>>;
}

interface PairOptions {
  /** Takes what stops a worker, as soon as it is started. */
  cleanUp: (stop: () => Promise<void>) => void;
  env?: Readonly<Record<string, string>>;
  /** Whether the model has loaded: then both are ready. Default true. */
  loaded?: boolean;
}

export async function startPair({ cleanUp, env = {}, loaded = true }: PairOptions): Promise<Pair> {
  const python = await preparePython();
  const start = async (name: Side["name"]): Promise<Side> => {
    const side = await startSide(name, { python, env, loaded });
    cleanUp(side.stop);
    return side;
  };
  const [reference, ours] = await Promise.all([start("reference"), start("ours")]);
  const pair: Pair = {
    reference,
    ours,
    both: async (act) => {
      const [left, right] = await Promise.all([act(reference), act(ours)]);
      return { reference: left, ours: right };
    },
  };
  await pair.both(waitUntilListening);
  if (loaded) {
    await pair.both(waitUntilReady);
  }
  return pair;
}
