import type { ServerLimits } from "./model-server.ts";

/** What the model server allows, as far as it is known when a request comes. */
export type Limits = () => ServerLimits;

/** Why a field is refused. */
export interface Fault {
  path: string[];
  message: string;
}

type Maybe<Value> = Value | null | undefined;

/** The parameters that depend on each other, on the limits or on the route. */
interface Parameters {
  best_of?: Maybe<number>;
  decoder_input_details?: Maybe<boolean>;
  do_sample?: Maybe<boolean>;
  seed?: Maybe<number>;
  stop?: Maybe<readonly string[]>;
  temperature?: Maybe<number>;
  top_k?: Maybe<number>;
  top_p?: Maybe<number>;
  truncate?: Maybe<number>;
  typical_p?: Maybe<number>;
}

interface Place {
  limits: ServerLimits;
  /** Whether the answer is a stream. */
  isStream: boolean;
}

/** What the model server would refuse of parameters that are well-formed each. */
export function parameterFaults(parameters: Parameters, place: Place): Fault[] {
  const { decoder_input_details: wantsPrefill, seed, stop, truncate } = parameters;
  const { limits, isStream } = place;
  const faults = [...bestOfFaults(parameters, place), ...stopFault(stop, ["parameters", "stop"], limits)];
  const refuse = (name: keyof Parameters, message: string) => faults.push({ path: ["parameters", name], message });
  if (isStream && wantsPrefill === true) {
    refuse("decoder_input_details", "not supported in a stream");
  }
  if ((parameters.best_of ?? 1) > 1 && isGiven(seed)) {
    refuse("seed", "must not be set where best_of is greater than 1");
  }
  if (isGiven(truncate) && truncate > limits.inputTokens) {
    refuse("truncate", `expected at most ${limits.inputTokens}`);
  }
  return faults;
}

function bestOfFaults(parameters: Parameters, { limits, isStream }: Place): Fault[] {
  const { best_of: bestOf, do_sample: isSampled, temperature, top_k, top_p, typical_p } = parameters;
  const refuse = (message: string): Fault[] => [{ path: ["parameters", "best_of"], message }];
  if (isStream && isGiven(bestOf) && bestOf !== 1) {
    return refuse("not supported in a stream");
  }
  if (!isGiven(bestOf) || bestOf <= 1) {
    return [];
  }
  if (bestOf > limits.bestOf) {
    return refuse(`expected at most ${limits.bestOf}`);
  }
  const isSampling = isSampled === true || [temperature, top_k, top_p, typical_p].some(isGiven);
  return isSampling ? [] : refuse("needs sampling: do_sample, temperature, top_k, top_p or typical_p");
}

/** More texts to stop at than the model server takes. */
export function stopFault(stop: Maybe<readonly string[]>, path: string[], limits: ServerLimits): Fault[] {
  const isTooMany = (stop?.length ?? 0) > limits.stopSequences;
  return isTooMany ? [{ path, message: `expected at most ${limits.stopSequences} texts` }] : [];
}

export function promptFaults(prompt: string | readonly string[], limits: ServerLimits): Fault[] {
  const isTooMany = typeof prompt !== "string" && prompt.length > limits.prompts;
  return isTooMany ? [{ path: ["prompt"], message: `expected at most ${limits.prompts} prompts` }] : [];
}

const isGiven = <Value>(value: Maybe<Value>): value is Value => value !== null && value !== undefined;
