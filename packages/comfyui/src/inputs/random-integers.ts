import { randomInt } from "node:crypto";
import type { Workflow } from "../workflow.ts";
import { mapInputs } from "./map-inputs.ts";

export const randomIntegerMark = "__RANDOM_INT__";

/** An integer from 0 to 2^32-1. */
export type DrawInteger = () => number;

const drawInteger: DrawInteger = () => randomInt(2 ** 32);

/**
 * A copy of a workflow with an integer in place of each `__RANDOM_INT__`. Each input draws its own; a mark within a longer
 * text becomes digits, the same wherever it stands in that text.
 */
export const randomIntegers = (workflow: Workflow, draw: DrawInteger = drawInteger): Workflow =>
  mapInputs(workflow, (text) => {
    if (!text.includes(randomIntegerMark)) {
      return text;
    }
    const drawn = draw();
    return text === randomIntegerMark ? drawn : text.replaceAll(randomIntegerMark, String(drawn));
  });
