/** Commands that no test can run, by the reason; `…` at the end of one stands for the rest. */
export const notRun: readonly { reason: string; commands: readonly string[] }[] = [
  {
    reason: "the tests are run by it: CI calls it by this name",
    commands: ["npm test", "npm run test:interop", "npm run check"],
  },
  {
    reason: "takes from minutes to hours, and needs the machine for itself",
    commands: ["npm run soak", "npm run bench", "npm run bench -- …"],
  },
  {
    reason: "needs a GPU, and a model's weights",
    commands: ["vllm serve …", "text-generation-launcher …"],
  },
  {
    reason: "needs a real ComfyUI",
    commands: ["python main.py --port 18188", "cd packages/e2e && COMFYUI_URL=…"],
  },
  { reason: "asks its user", commands: ["npx changeset"] },
  { reason: "publishes", commands: ["npx changeset publish"] },
  { reason: "needs a program that nothing else here needs", commands: ["espeak-ng …"] },
  {
    reason: "is the name of a command: what to give it is left out",
    commands: ["npm run", "npm exec", "git clone", "node --conditions=@pyworker/source file.ts"],
  },
  { reason: "is what the page replaces", commands: ["python worker.py"] },
];
