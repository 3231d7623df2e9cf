import type { Requirement } from "./requirement.ts";

const wan = "packages/wan/README.md";
const ace = "packages/ace/README.md";
const comfyui = "packages/comfyui/README.md";

/** What holds for the workers for one model on ComfyUI, beyond what holds for all on ComfyUI. */
export const wanAceRequirements = [
  {
    id: "wan/typed",
    behaviour: "A request by fields becomes Vast's workflow for Wan 2.2, each field in its node",
    source: wan,
  },
  {
    id: "wan/variants",
    behaviour: "The variant of four steps has its LoRAs, its shift, its steps and its guidance",
    source: wan,
  },
  {
    id: "wan/lora",
    behaviour: "A LoRA that ComfyUI hasn't is a fault of the client's, with those that it has",
    source: wan,
  },
  {
    id: "wan/routes",
    behaviour: "Fields and workflows go by all three routes, and an MP4 comes back as one",
    source: wan,
  },
  { id: "typed/seed", behaviour: "Seeds of 64 bits arrive exact; without one each job draws its own", source: wan },
  {
    id: "typed/faults",
    behaviour: "What is wrong is 422 by the field's name, with the nearest value that would do",
    source: wan,
  },
  { id: "typed/unknown", behaviour: "An unknown field is 422, with those that are known", source: wan },
  { id: "typed/exclusive", behaviour: "Fields and a workflow in one request are 422", source: wan },
  {
    id: "ace/typed",
    behaviour: "A request by fields becomes Vast's workflow for ACE-Step v1, each field in its node",
    source: ace,
  },
  {
    id: "ace/variants",
    behaviour: "The variant of fifty steps has the settings of ComfyUI's own template",
    source: ace,
  },
  {
    id: "ace/routes",
    behaviour: "Fields and workflows go by all three routes, and an MP3 comes back as one",
    source: ace,
  },
  {
    id: "ace/newer",
    behaviour: "A workflow for ACE-Step 1.5 is passed on; where ComfyUI refuses it the answer says why",
    source: ace,
  },
  {
    id: "workload/wan",
    behaviour: "A video of 640 x 640 x 81 in 20 steps costs 10,000; others by steps and passes",
    source: wan,
  },
  {
    id: "workload/attention",
    behaviour: "A larger or longer video costs what its attention does: 1280 x 720 x 81 is 3.76 times 640 x 640 x 81",
    source: wan,
  },
  {
    id: "workload/ace",
    behaviour: "A piece of 180 seconds in 65 steps costs 1000; others by seconds, steps and passes",
    source: ace,
  },
  {
    id: "workload/scan",
    behaviour: "A workflow is priced by its nodes, and by the backend's constant where they tell nothing",
    source: comfyui,
  },
  {
    id: "workload/progress",
    behaviour: "The reported load of a job falls with its steps, and is gone with it",
    source: comfyui,
  },
  {
    id: "comfyui/benchmark-built-in",
    behaviour:
      "Without a file the benchmark makes pictures of the size that the environment says, until two rounds agree",
    source: comfyui,
  },
  {
    id: "comfyui/benchmark-fresh",
    behaviour: "No two requests of a benchmark are alike, so that ComfyUI's cache answers none",
    source: comfyui,
  },
  {
    id: "comfyui/benchmark-files",
    behaviour:
      "misc/benchmark.json comes first, then BENCHMARK_JSON_PATH; one that can't be used is warned of and left out",
    source: comfyui,
  },
  {
    id: "comfyui/benchmark-alone",
    behaviour: "The benchmark's jobs have ids of their own; no webhook is told of them and no storage gets their files",
    source: comfyui,
  },
  {
    id: "comfyui/benchmark-once",
    behaviour: "Wan and ACE-Step are measured with one job, after one that loads the models",
    source: comfyui,
  },
  {
    id: "comfyui/benchmark-kept",
    behaviour: "The figure is kept, and the next start doesn't measure again",
    source: comfyui,
  },
  {
    id: "comfyui/benchmark-variables",
    behaviour: "BENCHMARK_TEST_WIDTH, _HEIGHT and _STEPS that are wrong are named at the start",
    source: comfyui,
  },
] as const satisfies readonly Requirement[];
