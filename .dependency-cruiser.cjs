/** Cycles and orphans; who may import whom is test/structure's table, which also has planted faults. */
module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    {
      name: "no-orphans",
      comment: "a file that nothing imports and that starts nothing is dead",
      severity: "error",
      from: {
        orphan: true,
        pathNot: ["(^|/)(index|main)\\.ts$", "\\.d\\.ts$", "vite\\.config\\.ts$", "-worker\\.ts$"],
      },
      to: {},
    },
    { name: "not-to-unresolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.base.json" },
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)dist/|\\.test\\.ts$|\\.bench\\.ts$" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["source", "import", "require", "node", "default", "types"],
      extensions: [".ts", ".js", ".d.ts", ".svelte"],
    },
  },
};
