/** Imports point inward (docs/architecture.md): domain <- ports <- recovery, commands <- engine; adapters never see each other. */
const adapters = ["aws", "slack", "store", "mail", "memory"];
module.exports = {
  forbidden: [
    {
      name: "domain-imports-nothing",
      comment: "The core decides from arguments alone: no Node, no packages, no other folder.",
      severity: "error",
      from: { path: "^src/domain/" },
      to: { pathNot: "^src/domain/" },
    },
    {
      name: "ports-import-domain-only",
      severity: "error",
      from: { path: "^src/ports/" },
      to: { pathNot: "^(src/(ports|domain)/|node:crypto$|crypto$)" },
    },
    {
      name: "recovery-imports-ports-and-domain",
      severity: "error",
      from: { path: "^src/recovery/" },
      to: { pathNot: "^src/(recovery|ports|domain)/" },
    },
    {
      name: "commands-import-inward",
      severity: "error",
      from: { path: "^commands/" },
      to: { pathNot: "^(commands|src/(recovery|ports|domain))/" },
    },
    {
      name: "signals-import-inward",
      comment: "Parsers and the signature check: Node's crypto and zod, nothing else of ours but domain and ports.",
      severity: "error",
      from: { path: "^src/signals/" },
      to: { path: "^(src/(recovery|engine|aws|slack|store|mail|memory|config|main|cli)|commands|sandbox|infra)" },
    },
    {
      name: "engine-never-sees-an-adapter",
      severity: "error",
      from: { path: "^src/engine/" },
      to: { path: "^(src/(aws|slack|store|mail|memory|config|main|cli)|commands|sandbox|infra)" },
    },
    ...adapters.map((name) => ({
      name: `adapter-${name}-stands-alone`,
      comment: "Adapters know ports and domain, never each other, never the engine.",
      severity: "error",
      from: { path: `^src/${name}/` },
      to: {
        path: `^(src/(engine|config|main|cli|${adapters.filter((other) => other !== name).join("|")})|sandbox|infra)`,
      },
    })),
    {
      name: "no-circular",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "shipped-code-uses-shipped-packages",
      severity: "error",
      from: { path: "^(src|commands)/" },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["npm"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: [".ts", ".tsx", ".js"], conditionNames: ["import", "node", "default"] },
  },
};
