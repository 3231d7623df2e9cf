/** Commands that no test can run, by the reason; `…` at the end of one stands for the rest. */
export const notRun: readonly { reason: string; commands: readonly string[] }[] = [
  {
    reason: "the tests are run by it: CI calls it by this name, at the root and in every app",
    commands: ["npm test", "npm run test:interop", "npm run check"],
  },
  {
    reason: "takes from minutes to hours, and needs the machine for itself",
    commands: ["npm run soak", "npm run bench", "npm run bench -- …"],
  },
  {
    reason: "needs a GPU, and a model's weights",
    commands: ["vllm serve …", "text-generation-launcher …", "export BACKEND=tgi MODEL_LOG=/workspace/infer.log"],
  },
  {
    reason: "needs a real ComfyUI",
    commands: ["python main.py --port 18188", "cd packages/e2e && COMFYUI_URL=…"],
  },
  { reason: "asks its user", commands: ["npx changeset"] },
  { reason: "publishes", commands: ["npm run release"] },
  { reason: "asks npm of packages that it must have first", commands: ["npm audit signatures"] },
  { reason: "needs an account at Vast, and rents machines", commands: ["vastai …"] },
  {
    reason: "is the image's own, or fetches what launcher scenarios pipe into bash as it stands here",
    commands: [
      "entrypoint.sh &",
      "curl -fsSL --retry 5 https://raw.githubusercontent.com/pyworker/pyworker/main/deploy/…",
    ],
  },
  {
    reason: "needs a container engine: a scenario runs the commands of Dockerfile and compose file as processes",
    commands: ["docker …"],
  },
  { reason: "needs a cluster: the manifests are validated", commands: ["kubectl …", "{ printf …"] },
  { reason: "needs a program that nothing else here needs", commands: ["espeak-ng …"] },
  {
    reason: "is the name of a command: what to give it is left out",
    commands: [
      ...["npm run", "npm exec", "npm run new-app", "git clone", "node --conditions=@pyworker/source file.ts"],
      "curl … | bash",
    ],
  },
  { reason: "is what a log says of a step, and no command", commands: ["node failed: …"] },
];
