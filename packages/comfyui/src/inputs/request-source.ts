import { parseJson } from "@pyworker/core";
import type { z } from "zod";
import type { Workflow } from "../workflow.ts";
import { checkWorkflow, type WorkflowProblem } from "./check-workflow.ts";
import { buildModifier } from "./modifiers.ts";
import { requestFields } from "./request-fields.ts";
import { isUnset } from "./unset.ts";

/** What a request asks for. */
export type RequestSource<Typed = never> =
  | { kind: "workflow"; workflow: Workflow }
  | { kind: "modifier"; name: string; modifications: Readonly<Record<string, unknown>> }
  | { kind: "typed"; request: Typed };

/** Requests of a backend's own: members of `input` from which it builds a workflow. */
export interface TypedRequests<Typed> {
  /** Of the members of `input` that not every request may have. */
  schema: z.ZodType<Typed>;
  /** The members that say that it is one: `prompt`, say. */
  keys: readonly string[];
  build(request: Typed): Workflow;
}

type Input = Readonly<Record<string, unknown>> & {
  readonly modifier?: string | undefined;
  readonly modifications?: Readonly<Record<string, unknown>> | undefined;
};

/** The source, or what is wrong with it. Paths are within `input`. */
export type ReadSource<Typed> = { source: RequestSource<Typed> } | { problems: SourceProblem[] };

export interface SourceProblem {
  path: PropertyKey[];
  message: string;
}

/** Finds the one thing that a request asks for. */
export function readSource<Typed>(input: Input, typed: TypedRequests<Typed> | undefined): ReadSource<Typed> {
  const ways = ["workflow_json", "modifier", ...(typed?.keys ?? [])];
  const given = ways.filter((way) => !isUnset(input[way]));
  const [way] = given;
  const isTyped = way !== undefined && typed?.keys.includes(way) === true;
  if (way === undefined) {
    return wrong([], `nothing to do: give one of ${ways.join(", ")}`);
  }
  if (given.length > 1 && !isTyped) {
    return wrong([], `${given.join(" and ")} exclude each other: give one of them`);
  }
  if (input.modifications !== undefined && way !== "modifier") {
    return wrong(["modifications"], "only a modifier takes modifications; for a workflow use overrides");
  }
  if (isTyped) {
    return readTyped(input, typed);
  }
  if (input.modifier !== undefined) {
    return { source: { kind: "modifier", name: input.modifier, modifications: input.modifications ?? {} } };
  }
  return readWorkflow(input.workflow_json);
}

/** The workflow that a source stands for. Throws JobError `invalid_input` where a modifier can't be had. */
export function buildWorkflow<Typed>(source: RequestSource<Typed>, typed?: TypedRequests<Typed>): Workflow {
  if (source.kind === "workflow") {
    return source.workflow;
  }
  if (source.kind === "modifier") {
    return buildModifier(source.name, source.modifications);
  }
  if (typed === undefined) {
    throw new TypeError("a typed request needs what builds its workflow");
  }
  return typed.build(source.request);
}

function readTyped<Typed>(input: Input, { schema }: TypedRequests<Typed>): ReadSource<Typed> {
  const own = Object.entries(input).filter(([key]) => !Object.hasOwn(requestFields, key));
  const parsed = schema.safeParse(Object.fromEntries(own));
  return parsed.success ? { source: { kind: "typed", request: parsed.data } } : { problems: parsed.error.issues };
}

function readWorkflow(value: unknown): ReadSource<never> {
  const parsed = typeof value === "string" ? readText(value) : { value };
  const checked = "problems" in parsed ? parsed : checkWorkflow(parsed.value);
  return "problems" in checked
    ? { problems: checked.problems.map(({ message, path }) => ({ path: ["workflow_json", ...path], message })) }
    : { source: { kind: "workflow", workflow: checked.workflow } };
}

function readText(text: string): { value: unknown } | { problems: WorkflowProblem[] } {
  try {
    return { value: parseJson(text) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { problems: [{ path: [], message: `expected a workflow, or the JSON text of one: ${reason}` }] };
  }
}

const wrong = (path: string[], message: string): { problems: SourceProblem[] } => ({ problems: [{ path, message }] });
