/**
 * The checks that need no test runner: what each is called, the command, and how it is run. Used by `npm run check` and, in
 * one count with the tests, by `npm test -- --checks`.
 */
import { projectRoot } from "../test/support/project.ts";
import { runCommand } from "../test/support/run-command.ts";

/** A command that must end with status 0. It is run by the project's Node from the root of the checkout. */
export type Check = { readonly name: string; readonly args: readonly string[] };

/** In the order in which they are worth reading. */
export const checks: readonly Check[] = [
  { name: "format", args: ["node_modules/prettier/bin/prettier.cjs", "--check", "--log-level=warn", "."] },
  { name: "lint", args: ["node_modules/oxlint/bin/oxlint", "--type-aware", "--format=unix"] },
  // TypeScript 7 checks; 6.0 is there for the tools that need its JavaScript interface (docs/decisions/0005).
  { name: "types", args: ["node_modules/typescript-native/bin/tsc", "--project", "."] },
  { name: "walls", args: ["node_modules/dependency-cruiser/bin/dependency-cruise.mjs", "--config", ".dependency-cruiser.cjs", "."] },
  { name: "dead code", args: ["node_modules/knip/bin/knip.js", "--no-progress"] },
];

/** Runs one check, prints a line, and what it said when it failed. */
export async function passes(check: Check): Promise<boolean> {
  const result = await runCommand(process.execPath, check.args, { cwd: projectRoot });
  const ok = result.status === 0;
  console.log(`${ok ? "ok    " : "FAILED"} ${check.name} (${result.wallSeconds.toFixed(1)} s)`);
  if (!ok) console.log(`${result.stdout}${result.stderr}`.trimEnd());
  return ok;
}
