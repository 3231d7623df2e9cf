import type { Bench } from "./bench.ts";
import type { PeerSamples } from "./line.ts";

/** What was measured of several servers, round by round. */
export interface SideBySide<Figure extends string> {
  figures(name: string, figure: Figure): number[];
  /** A peer's figures, or why there are none. */
  peer(name: string, figure: Figure): PeerSamples;
}

const peerNames = ["nginx", "python"];

/**
 * Starts what is to be compared, and measures it in turn (A B A B). A peer that can't be had is left out, with the reason:
 * that is no failure of the run.
 */
export async function sideBySide<Thing, Figure extends string>(
  bench: Bench,
  starts: Readonly<Record<string, () => Promise<Thing>>>,
  measure: (thing: Thing, name: string) => Promise<Record<Figure, number>>,
): Promise<SideBySide<Figure>> {
  const things = new Map<string, Thing>();
  const missing = new Map<string, string>();
  for (const [name, start] of Object.entries(starts)) {
    if (!peerNames.includes(name)) {
      things.set(name, await start());
    } else if (!bench.peers) {
      missing.set(name, "needs --peers");
    } else {
      await start().then(
        (thing) => things.set(name, thing),
        (error: unknown) => missing.set(name, `can't be had: ${error instanceof Error ? error.message : error}`),
      );
    }
  }
  const samples = await inTurn(things, bench.rounds, measure);
  return {
    figures: (name, figure) => (samples.get(name) ?? []).map((sample) => sample[figure]),
    peer: (name, figure) => ({
      name,
      samples: samples.get(name)?.map((sample) => sample[figure]),
      missing: missing.get(name),
    }),
  };
}

/**
 * Measures things round after round, so that whatever else the machine does meets all of them alike. The first round warms
 * them up and doesn't count.
 */
export async function inTurn<Name, Thing, Sample>(
  things: ReadonlyMap<Name, Thing>,
  rounds: number,
  measure: (thing: Thing, name: Name) => Promise<Sample>,
): Promise<Map<Name, Sample[]>> {
  const samples = new Map<Name, Sample[]>([...things.keys()].map((name) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, thing] of things) {
      const sample = await measure(thing, name);
      if (round > 0) {
        samples.get(name)?.push(sample);
      }
    }
  }
  return samples;
}
