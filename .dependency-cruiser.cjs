/** Who may import whom. See docs/architecture.md. */
const only = (from, allowed) => ({
  name: `${from}-imports-only-${allowed.join("-and-") || "npm"}`,
  severity: "error",
  from: { path: `^packages/${from}/src`, pathNot: "\\.test\\.(fixture\\.)?ts$" },
  to: { path: "^packages/", pathNot: [from, ...allowed].map((name) => `^packages/${name}/`) },
});

module.exports = {
  forbidden: [
    { name: "no-circles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "pure-parts-know-no-http",
      comment: "Queue, books, lifecycle and signatures take what they need as arguments.",
      severity: "error",
      from: {
        path: "^packages/core/src/(admission|ledger|lifecycle|sessions|auth/|model/|report/)",
        pathNot: "\\.test\\.(fixture\\.)?ts$",
      },
      to: { path: "^packages/core/src/http/|node_modules/(express|http-proxy-middleware)/" },
    },
    only("testing", []),
    only("core", []),
    only("tokens", []),
    only("llm", ["core", "tokens"]),
    only("vllm", ["core", "llm", "tokens"]),
    only("tgi", ["core", "llm", "tokens"]),
    only("comfyui", ["core"]),
    only("wan", ["core", "comfyui"]),
    only("ace", ["core", "comfyui"]),
    only("engine", ["core"]),
    { name: "nothing-imports-an-app", severity: "error", from: { pathNot: "^apps/" }, to: { path: "^apps/" } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)dist/" },
    tsConfig: { fileName: "tsconfig.base.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      conditionNames: ["@pyworker/source", "import", "node", "default"],
      exportsFields: ["exports"],
    },
  },
};
