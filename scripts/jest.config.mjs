// One configuration for every package: TypeScript through swc, native ESM, workspace packages from their sources.
export default {
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "\\.ts$": [
      "@swc/jest",
      {
        jsc: { target: "es2024", parser: { syntax: "typescript" } },
        module: { type: "nodenext" },
        sourceMaps: "inline",
      },
    ],
  },
  testEnvironmentOptions: { customExportConditions: ["@pyworker/source", "node", "node-addons"] },
};
