/**
 * The walls between the rooms are held: dependency-cruiser finds nothing in the tree and did look at it, and it finds each kind
 * of violation by name. Violations are planted in a directory of their own that the same rules are applied to.
 */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

import { projectRoot } from "../support/project.ts";
import { runCommand } from "../support/run-command.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

type Cruise = {
  readonly violations: readonly { readonly rule: { readonly name: string }; readonly from: string }[];
  readonly totalCruised: number;
};

async function cruise(directory: string): Promise<Cruise> {
  const tool = path.join(projectRoot, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
  const config = path.join(projectRoot, ".dependency-cruiser.cjs");
  const result = await runCommand(process.execPath, [tool, "--config", config, "--output-type", "json", "."], { cwd: directory });
  const { summary } = JSON.parse(result.stdout) as { summary: Cruise }; // dependency-cruiser's own format
  return summary;
}

it("the tree breaks no rule, and was looked at", async () => {
  const { violations, totalCruised } = await cruise(projectRoot);
  expect(violations.map(({ rule, from }) => `${rule.name}: ${from}`)).toEqual([]);
  expect(totalCruised).toBeGreaterThan(50);
});

type Planted = {
  readonly rule: string;
  /** File and its source text; the first one breaks the rule. */
  readonly files: Readonly<Record<string, string>>;
};

const imports = (target: string): string => `import { thing } from ${JSON.stringify(target)};\nexport const other = thing;\n`;
const importsType = (target: string): string =>
  `import type { thing } from ${JSON.stringify(target)};\nexport type Other = typeof thing;\n`;
const thing = "export const thing = 1;\n";

const planted: readonly Planted[] = [
  { rule: "api-imports-zod-only", files: { "api/v1alpha1/a.ts": imports("../../runtime/b.ts"), "runtime/b.ts": thing } },
  { rule: "api-imports-zod-only", files: { "api/v1alpha1/a.ts": imports("node:fs") } },
  {
    rule: "core-imports-api-and-own-core-only",
    files: { "worker/core/plan/a.ts": imports("../../io/cog/b.ts"), "worker/io/cog/b.ts": thing },
  },
  {
    rule: "core-imports-api-and-own-core-only",
    files: { "worker/core/plan/a.ts": importsType("../../io/cog/b.ts"), "worker/io/cog/b.ts": thing },
  },
  { rule: "core-imports-api-and-own-core-only", files: { "operator/core/a.ts": imports("node:fs") } },
  { rule: "core-imports-api-and-own-core-only", files: { "worker/core/plan/a.ts": imports("proj4") } },
  { rule: "core-grid-imports-api-own-core-and-proj4-only", files: { "worker/core/grid/a.ts": imports("geotiff") } },
  { rule: "operator-and-worker-stay-apart", files: { "operator/io/a.ts": imports("../../worker/io/b.ts"), "worker/io/b.ts": thing } },
  { rule: "npm-packages-in-io-only", files: { "worker/roles/a.ts": imports("geotiff") } },
  { rule: "zod-in-api-products-and-io-only", files: { "worker/roles/a.ts": imports("zod") } },
  { rule: "commander-and-yaml-in-cli-only", files: { "worker/roles/a.ts": imports("commander") } },
  { rule: "commander-and-yaml-in-cli-only", files: { "operator/main.ts": imports("yaml") } },
  { rule: "runtime-imports-api-only", files: { "runtime/a.ts": imports("../worker/io/b.ts"), "worker/io/b.ts": thing } },
  { rule: "nobody-imports-wiring", files: { "worker/io/cog/a.ts": imports("../../roles/b.ts"), "worker/roles/b.ts": thing } },
  { rule: "source-never-imports-test", files: { "cli/a.ts": imports("../test/support/b.ts"), "test/support/b.ts": thing } },
  { rule: "source-never-imports-test", files: { "worker/io/a.ts": imports("./b.test.ts"), "worker/io/b.test.ts": thing } },
  { rule: "no-development-package-in-source", files: { "worker/io/a.ts": imports("pngjs"), "worker/io/b.ts": imports("fast-check") } },
  { rule: "no-cycles", files: { "worker/io/a.ts": `${imports("./b.ts")}${thing}`, "worker/io/b.ts": `${imports("./a.ts")}${thing}` } },
  { rule: "no-orphans", files: { "worker/io/a.ts": thing } },
  { rule: "no-unresolvable", files: { "worker/io/a.ts": imports("./gone.ts") } },
];

describe("a planted violation is found", () => {
  const work = temporaryDirectory();
  it.each(planted.map((row, number) => ({ ...row, number })))("$rule ($number)", async ({ rule, files, number }) => {
    const overlay = path.join(work, String(number));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.join(overlay, path.dirname(name)), { recursive: true });
      writeFileSync(path.join(overlay, name), text);
    }
    for (const shared of ["node_modules", "package.json"]) symlinkSync(path.join(projectRoot, shared), path.join(overlay, shared));
    const { violations } = await cruise(overlay);
    expect(violations.map((violation) => violation.rule.name)).toContain(rule);
  });
});
