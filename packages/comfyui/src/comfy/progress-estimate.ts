import type { Clock } from "@pyworker/core";
import type { Workflow } from "../workflow.ts";
import { samplerSteps } from "./sampler-steps.ts";

const roundingError = 1e-6;

/** How far a workflow is. */
export interface Estimate {
  /** Of the whole workflow, 0 to 100 with one decimal. Never less than before. */
  percentage: number;
  /** Undefined before there is a pace to tell it from. */
  remainingSeconds?: number;
}

export interface Step {
  nodeId: string;
  value: number;
  max: number;
}

export interface ProgressEstimate {
  /** These nodes are behind it: they have run, or come from the cache. */
  finish(nodeIds: readonly string[]): void;
  /** A node has come so far. */
  step(step: Step): Estimate;
}

/** One node's steps, and when they were made. */
interface Counter {
  value: number;
  max: number;
  at: number;
  /** Steps seen, and the milliseconds they took. The first tells nothing: a model may have been loaded before it. */
  seen: number;
  took: number;
}

/** What all nodes beside the samplers come to, where there are samplers: they take most of the time. */
const shareOfOthers = 0.1;

/**
 * Estimates how far a workflow is and how long it will take. What is ahead is known before it starts: the steps of its
 * samplers, and its other nodes. How long that takes follows from the pace of the steps so far.
 */
export function createProgressEstimate(workflow: Workflow, { monotonic }: Pick<Clock, "monotonic">): ProgressEstimate {
  const planned = samplerSteps(workflow);
  const unfinished = new Set(Object.keys(workflow));
  const counters = new Map<string, Counter>();
  let percentage = 0;

  const nodeIds = Object.keys(workflow);
  const others = nodeIds.length - planned.size;
  const measure = (): number => {
    const steps = [...planned.values()].reduce((sum, count) => sum + count, 0);
    const unitsOfOther = steps === 0 ? 1 : (steps * shareOfOthers) / (1 - shareOfOthers) / others;
    let total = 0;
    let done = 0;
    for (const nodeId of nodeIds) {
      const units = planned.get(nodeId) ?? unitsOfOther;
      total += units;
      done += unfinished.has(nodeId) ? units * fractionOf(counters.get(nodeId)) : units;
    }
    return total === 0 ? 0 : Math.min(100, Math.floor((1000 * done) / total + roundingError) / 10);
  };
  const remainingMilliseconds = (nodeId: string): number | undefined => {
    const samplers = [...planned].filter(([id]) => unfinished.has(id));
    const left = samplers.reduce((sum, [id, steps]) => sum + steps - (counters.get(id)?.value ?? 0), 0);
    const sampling =
      left === 0
        ? 0
        : timesPace(
            left,
            [...planned.keys()].map((id) => counters.get(id)),
          );
    if (planned.has(nodeId)) {
      return sampling;
    }
    const counter = counters.get(nodeId);
    const own = counter && timesPace(counter.max - counter.value, [counter]);
    return sampling === undefined || own === undefined ? undefined : sampling + own;
  };

  return {
    finish: (finished) => {
      for (const nodeId of finished) {
        unfinished.delete(nodeId);
      }
    },
    step: ({ max, nodeId, value }) => {
      // Some samplers count otherwise than they are told to.
      if (planned.has(nodeId)) {
        planned.set(nodeId, max);
      }
      counters.set(nodeId, counted(counters.get(nodeId), { value, max, at: monotonic() }));
      percentage = Math.max(percentage, measure());
      const remaining = remainingMilliseconds(nodeId);
      return remaining === undefined
        ? { percentage }
        : { percentage, remainingSeconds: Math.round(remaining / 100) / 10 };
    },
  };
}

function counted(before: Counter | undefined, now: Pick<Counter, "value" | "max" | "at">): Counter {
  if (before === undefined) {
    return { ...now, seen: 0, took: 0 };
  }
  // A node that runs for several inputs counts from the start again: no pace in that.
  const steps = Math.max(0, now.value - before.value);
  return { ...now, seen: before.seen + steps, took: before.took + (steps === 0 ? 0 : now.at - before.at) };
}

function timesPace(steps: number, counters: readonly (Counter | undefined)[]): number | undefined {
  const seen = counters.reduce((sum, counter) => sum + (counter?.seen ?? 0), 0);
  const took = counters.reduce((sum, counter) => sum + (counter?.took ?? 0), 0);
  return seen === 0 ? undefined : (Math.max(0, steps) * took) / seen;
}

const fractionOf = (counter: Counter | undefined): number =>
  counter === undefined || counter.max <= 0 ? 0 : Math.min(1, counter.value / counter.max);
