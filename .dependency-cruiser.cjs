/**
 * The walls between the rooms (docs/architecture.md), as errors. test/integration/walls.test.ts plants violations and wants
 * each of them found by name: a tool that looks at nothing also reports nothing.
 */
const path = require("node:path");

/** Rooms that are shipped; scripts and test are not. */
const rooms = "^(api|bin|cli|operator|runtime|worker)/";
/** Unit tests stand beside their file and may use vitest and test/support. */
const unitTest = "\\.test\\.ts$";
/** Files that join core and io; only what starts a process may import them. */
const wiring = "^(cli/|operator/(main\\.ts$|controllers/)|worker/roles/)";
/** Node modules that only calculate; oxlint lets core have their synchronous functions by name (docs/decisions/0005). */
const calculation = "^(node:)?(crypto|zlib)$";
/** Any npm package, wherever node_modules lies. */
const npmPackage = "node_modules/";

module.exports = {
  forbidden: [
    {
      name: "api-imports-zod-only",
      comment: "api is the contract: it depends on zod and on itself, not even on Node.",
      severity: "error",
      from: { path: "^api/", pathNot: unitTest },
      to: { pathNot: ["^api/", `${npmPackage}zod/`] },
    },
    {
      name: "core-imports-api-and-own-core-only",
      comment:
        "core decides and is pure: no io, no runtime, no npm package (but proj4, which only calculates, in core/grid); of Node only zlib and crypto.",
      severity: "error",
      from: { path: "^(operator|worker)/core/", pathNot: [unitTest, "^worker/core/grid/"] },
      to: { pathNot: ["^api/", "^$1/core/", calculation] },
    },
    {
      name: "core-grid-imports-api-own-core-and-proj4-only",
      comment: "as core; proj4 is pure mathematics.",
      severity: "error",
      from: { path: "^worker/core/grid/", pathNot: unitTest },
      to: { pathNot: ["^api/", "^worker/core/", calculation, `${npmPackage}(@types/)?proj4/`] },
    },
    {
      name: "operator-and-worker-stay-apart",
      comment: "they are two programs; what both need is in api or runtime.",
      severity: "error",
      from: { path: "^(operator|worker)/" },
      to: { path: "^(operator|worker)/", pathNot: "^$1/" },
    },
    {
      name: "npm-packages-in-io-only",
      comment:
        "each outside thing is met in one io folder. core has a rule of its own; products parse their tables with zod; cli reads what a person types with commander and yaml.",
      severity: "error",
      from: { path: "^(bin|cli|operator|worker)/", pathNot: [unitTest, "^[^/]+/(io|core)/"] },
      to: { path: npmPackage, pathNot: [`${npmPackage}(zod|commander|yaml)/`] },
    },
    {
      name: "zod-in-api-products-and-io-only",
      comment: "things are parsed at the edge, once.",
      severity: "error",
      from: { path: rooms, pathNot: [unitTest, "^api/", "^worker/products/", "^[^/]+/io/", "^[^/]+/core/"] },
      to: { path: `${npmPackage}zod/` },
    },
    {
      name: "commander-and-yaml-in-cli-only",
      comment: "they parse what a person types; in another room that is io's.",
      severity: "error",
      from: { path: rooms, pathNot: [unitTest, "^cli/", "^[^/]+/(io|core)/"] },
      to: { path: `${npmPackage}(commander|yaml)/` },
    },
    {
      name: "runtime-imports-api-only",
      comment: "runtime is what every process has: it knows no room but the contract.",
      severity: "error",
      from: { path: "^runtime/", pathNot: unitTest },
      to: { path: "^(bin|cli|operator|worker|scripts|test)/" },
    },
    {
      name: "nobody-imports-wiring",
      comment: "wiring is the top: only wiring and what starts a process see it.",
      severity: "error",
      from: { path: rooms, pathNot: [wiring, "^worker/main\\.ts$", "^bin/", unitTest] },
      to: { path: wiring },
    },
    {
      name: "source-never-imports-test",
      severity: "error",
      from: { path: rooms, pathNot: unitTest },
      to: { path: ["^(test|scripts)/", unitTest] },
    },
    {
      name: "no-development-package-in-source",
      comment: "`npm ci --omit=dev` must leave a program that runs. Types are gone by then.",
      severity: "error",
      from: { path: rooms, pathNot: unitTest },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"], pathNot: `${npmPackage}@types/` },
    },
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "no-orphans",
      comment:
        "a file that nothing imports and that imports nothing is forgotten. Not in api: a contract is whole before all of it is used.",
      severity: "error",
      from: { orphan: true, path: rooms, pathNot: ["^api/", "\\.d\\.ts$"] },
      to: {},
    },
    { name: "no-unresolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      name: "no-undeclared-package",
      comment: "what is imported stands in package.json.",
      severity: "error",
      from: {},
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^worker/core/kernels/assembly/" },
    tsConfig: { fileName: path.join(__dirname, "tsconfig.json") },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "require", "node", "default", "types"] },
  },
};
