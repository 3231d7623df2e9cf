import { median, medianRatio } from "./statistics.ts";

/** One line of the table, with all that was measured for it. */
export interface Line {
  row: string;
  what: string;
  ours: string;
  peer: string;
  /** Ours by the peer's; undefined where there is none. */
  ratio: number | undefined;
  target: string;
  /** Undefined where there is no target, or nothing to compare with. */
  met: boolean | undefined;
  samples: Readonly<Record<string, readonly number[]>>;
}

export type Format = (value: number) => string;

export interface Goal {
  text: string;
  holds(value: number): boolean;
}

export const atLeast = (limit: number): Goal => ({ text: `≥ ${limit}`, holds: (value) => value >= limit });
export const atMost = (limit: number, unit = ""): Goal => ({
  text: `≤ ${limit}${unit}`,
  holds: (value) => value <= limit,
});

interface Measured {
  row: string;
  what: string;
  ours: readonly number[];
  format: Format;
  goal?: Goal;
}

/** What ours is compared with: its figures, round by round, or why there are none. */
export interface PeerSamples {
  name: string;
  samples: readonly number[] | undefined;
  missing?: string | undefined;
}

/** Ours by a peer's, as a ratio that should meet the goal. */
export function compared({ format, goal, ours, peer, row, what }: Measured & { peer: PeerSamples }): Line {
  const { missing = "not measured", name, samples } = peer;
  const ratio = samples && medianRatio(ours, samples);
  return {
    row,
    what,
    ours: format(median(ours)),
    peer: `${name}: ${samples ? format(median(samples)) : missing}`,
    ratio,
    target: goal ? `${goal.text} × ${name}` : "",
    met: ratio === undefined ? undefined : goal?.holds(ratio),
    samples: { ours, ...(samples ? { [name]: samples } : {}) },
  };
}

/** Ours by itself, as a figure that should meet the goal. */
export function absolute({ format, goal, ours, row, what }: Measured): Line {
  return {
    row,
    what,
    ours: format(median(ours)),
    peer: "",
    ratio: undefined,
    target: goal?.text ?? "",
    met: goal?.holds(median(ours)),
    samples: { ours },
  };
}

/** A row that could not be measured. */
export const failed = (row: string, what: string, reason: string): Line => ({
  row,
  what: `${what}: not measured: ${reason}`,
  ours: "",
  peer: "",
  ratio: undefined,
  target: "",
  met: undefined,
  samples: {},
});

/** Three significant digits. */
export const showNumber: Format = (value) =>
  Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));

export const perSecond: Format = (value) => `${showNumber(value)}/s`;
export const milliseconds: Format = (value) => `${showNumber(value)} ms`;
export const microseconds: Format = (value) => `${showNumber(value)} µs`;
export const seconds: Format = (value) => `${showNumber(value)} s`;
export const megabytes: Format = (value) => `${showNumber(value / 1_000_000)} MB`;
export const kilobytes: Format = (value) => `${showNumber(value / 1000)} KB`;
