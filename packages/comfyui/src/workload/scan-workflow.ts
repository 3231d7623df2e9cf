import type { Workflow, WorkflowNode } from "../workflow.ts";
import { mostHops, readLink, readNumber } from "./read-inputs.ts";

/** What a workflow makes. */
export type WorkKind = "image" | "video" | "audio";

/** The size of what a workflow makes. Undefined: it is decided where a scan can't see, or not meant for this kind. */
export interface ScannedLatent {
  kind: WorkKind;
  width: number | undefined;
  height: number | undefined;
  frames: number | undefined;
  seconds: number | undefined;
  batch: number | undefined;
}

/** One sampler of a workflow. */
export interface ScannedSampling {
  /** The steps that it takes itself; undefined where that can't be told. */
  steps: number | undefined;
  /** How often the model runs in a step. */
  passes: number;
}

/** What of a workflow decides how long it takes. */
export interface WorkflowScan {
  latents: ScannedLatent[];
  samplings: ScannedSampling[];
}

const frameInputs = ["length", "num_frames", "video_frames"] as const;

/** Finds the nodes that say how much a workflow makes, and in how many steps. Takes any workflow, right or wrong. */
export function scanWorkflow(workflow: Workflow): WorkflowScan {
  const scan: WorkflowScan = { latents: [], samplings: [] };
  for (const node of Object.values(workflow)) {
    const kind = latentKind(node);
    if (kind !== undefined) {
      scan.latents.push(scanLatent(workflow, node, kind));
    } else if (isSampler(node)) {
      scan.samplings.push(scanSampling(workflow, node));
    }
  }
  return scan;
}

/** By what a node takes rather than by its name: image-to-video nodes make a latent too, and custom nodes have names of their own. */
function latentKind({ class_type: classType, inputs }: WorkflowNode): WorkKind | undefined {
  if ("width" in inputs && "height" in inputs && frameInputs.some((name) => name in inputs)) {
    return "video";
  }
  if (!/empty.*latent/i.test(classType)) {
    return undefined;
  }
  if ("seconds" in inputs) {
    return "audio";
  }
  return "width" in inputs && "height" in inputs ? "image" : undefined;
}

function scanLatent(workflow: Workflow, { inputs }: WorkflowNode, kind: WorkKind): ScannedLatent {
  const frames = frameInputs.find((name) => name in inputs);
  return {
    kind,
    width: readNumber(workflow, inputs.width),
    height: readNumber(workflow, inputs.height),
    frames: frames === undefined ? undefined : readNumber(workflow, inputs[frames]),
    seconds: readNumber(workflow, inputs.seconds),
    batch: readNumber(workflow, inputs.batch_size),
  };
}

/** `KSamplerSelect` and its kind only name a method: they have no steps. */
const isSampler = ({ class_type: classType, inputs }: WorkflowNode): boolean =>
  /sampler/i.test(classType) && ("steps" in inputs || "sigmas" in inputs);

function scanSampling(workflow: Workflow, node: WorkflowNode): ScannedSampling {
  const { inputs } = node;
  const steps = "steps" in inputs ? readNumber(workflow, inputs.steps) : sigmaSteps(workflow, inputs.sigmas);
  return {
    // Two samplers that share a run (Wan's for high and for low noise) both name all its steps, and take a part each.
    steps: steps === undefined ? undefined : partOf(workflow, inputs, steps),
    passes: countPasses(workflow, node),
  };
}

function partOf(workflow: Workflow, inputs: WorkflowNode["inputs"], steps: number): number {
  const start = readNumber(workflow, inputs.start_at_step) ?? 0;
  const end = readNumber(workflow, inputs.end_at_step) ?? steps;
  return Math.max(0, Math.min(end, steps) - start);
}

/** The steps of a scheduler that a custom sampler gets its sigmas from. */
function sigmaSteps(workflow: Workflow, input: unknown, hops = mostHops): number | undefined {
  const source = readLink(workflow, input);
  if (source === undefined || hops === 0) {
    return undefined;
  }
  const { node, output } = source;
  if ("steps" in node.inputs) {
    return readNumber(workflow, node.inputs.steps);
  }
  const steps = sigmaSteps(workflow, node.inputs.sigmas, hops - 1);
  const split = node.class_type === "SplitSigmas" ? readNumber(workflow, node.inputs.step) : undefined;
  if (steps === undefined || split === undefined) {
    return steps;
  }
  return output === 0 ? Math.min(split, steps) : Math.max(0, steps - split);
}

/** At a guidance of exactly 1 ComfyUI leaves out the pass for the negative prompt; a basic guider has none. */
function countPasses(workflow: Workflow, node: WorkflowNode): number {
  const guider = readLink(workflow, node.inputs.guider)?.node;
  if (guider?.class_type === "BasicGuider") {
    return 1;
  }
  return readNumber(workflow, (guider ?? node).inputs.cfg) === 1 ? 1 : 2;
}
