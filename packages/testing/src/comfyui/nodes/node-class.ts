import type { Fields } from "../../server/read-body.ts";
import type { FileStore } from "../file-store.ts";

/** An input as `/object_info` tells it: its type or its options, and their limits. */
export type InputSpec = readonly [type: string | readonly string[], config: Fields];
export type InputSpecs = Readonly<Record<string, InputSpec>>;

/** What a stand-in knows of the pictures and sounds that pass from node to node. */
export interface Media {
  width?: number;
  height?: number;
  frames?: number;
  /** Red, green and blue as one number. */
  color?: number;
  fps?: number;
  seconds?: number;
  text?: string;
}

/** A class of nodes. */
export interface NodeClass {
  category: string;
  required: InputSpecs;
  optional?: InputSpecs;
  /** The types of its outputs. */
  outputs: readonly string[];
  /** Whether a prompt may end in it. */
  isOutput?: boolean;
  /** The input that names a file of the input folder, and what ComfyUI calls such files. */
  fileInput?: { name: string; kind: "image" | "audio" | "video" };
  /** The steps of progress that it tells of. */
  steps?(inputs: Fields): number;
  /** What it does once its steps are done; left out: passes on what it was given. */
  run?(call: NodeCall): NodeOutcome | Promise<NodeOutcome>;
}

export interface NodeCall {
  inputs: Fields;
  /** What came through its links, and what its own inputs say of it. */
  media: Media;
  /** Tells this call from any with other inputs. */
  signature: string;
  files: FileStore;
}

export interface NodeOutcome {
  media?: Media;
  /** What the history lists. */
  ui?: Fields;
  /** Why the nodes behind it may not run. */
  block?: string;
}

/** A node fails. */
export class NodeFailure extends Error {
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

export const link = (type: string): InputSpec => [type, {}];
export const text = (initial = "", config: Fields = {}): InputSpec => ["STRING", { default: initial, ...config }];
export const flag = (initial: boolean): InputSpec => ["BOOLEAN", { default: initial }];
export const choice = (options: readonly string[], config: Fields = {}): InputSpec => [options, config];

/** A choice as nodes of the newer kind (V3) tell it. */
export const combo = (options: readonly string[]): InputSpec => ["COMBO", { multiselect: false, options }];

/** What an input may be chosen from; undefined where it is no choice. */
export function optionsOf([type, config]: InputSpec): readonly unknown[] | undefined {
  if (typeof type !== "string") {
    return type;
  }
  return type === "COMBO" && Array.isArray(config.options) ? config.options : undefined;
}

interface Range {
  from: number | bigint;
  to: number | bigint;
  initial?: number;
  step?: number;
}

export const int = ({ from, initial = 0, step = 1, to }: Range): InputSpec => [
  "INT",
  { default: initial, min: from, max: to, step },
];

export const float = ({ from, initial = 0, step = 0.01, to }: Range): InputSpec => [
  "FLOAT",
  { default: initial, min: from, max: to, step },
];

export const largestSeed = 2n ** 64n - 1n;
export const seed = (): InputSpec => int({ from: 0, to: largestSeed });

export const integerOf = (value: unknown, otherwise = 0): number =>
  typeof value === "number" || typeof value === "bigint" ? Math.trunc(Number(value)) : otherwise;
