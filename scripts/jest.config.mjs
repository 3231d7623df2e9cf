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
  // Tests wait for conditions; on a busy machine those take their time.
  testTimeout: 20_000,
  testEnvironmentOptions: { customExportConditions: ["@pyworker/source", "node", "node-addons"] },
};
