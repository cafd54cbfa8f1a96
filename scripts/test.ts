/**
 * `npm test [-- SUITE...] [--checks]`: the suites unit, integration and parity (or the named ones), with --checks those of
 * `npm run check` and `npm run verify` in the same count. Ends with the plain line `N passed, N failed, N skipped`.
 */
import { readFileSync, rmSync } from "node:fs";
import path from "node:path";

import { makePythonEnvironment } from "../test/support/python.ts";
import { projectRoot } from "../test/support/project.ts";
import { runCommand } from "../test/support/run-command.ts";
import { makeS3Server } from "../test/support/s3-server.ts";
import { checks, passes } from "./checks.ts";

type Counts = { readonly passed: number; readonly failed: number; readonly skipped: number };
type Row = Counts & { readonly suite: string; readonly seconds: number };

const suites = ["unit", "integration", "parity"] as const;
const asked = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const withChecks = process.argv.includes("--checks");
const onCi = process.env["CI"] === "true";

const rows: Row[] = [];
let python: string | undefined;
if (withChecks) rows.push(await timed("checks", runChecks));
if (wanted("parity") || wanted("integration")) rows.push(await timed("python", preparePython));
if (wanted("integration")) rows.push(await timed("s3", prepareS3));
for (const suite of suites) if (wanted(suite)) rows.push(await timed(suite, () => runSuite(suite)));
report();

function wanted(suite: string): boolean {
  return asked.length === 0 || asked.includes(suite);
}

async function timed(suite: string, run: () => Promise<Counts>): Promise<Row> {
  const begun = performance.now();
  const counts = await run();
  return { suite, ...counts, seconds: (performance.now() - begun) / 1000 };
}

async function runChecks(): Promise<Counts> {
  let passed = 0;
  const all = [...checks, { name: "verify", args: ["scripts/verify.ts"] }];
  for (const check of all) if (await passes(check)) passed++;
  return { passed, failed: all.length - passed, skipped: 0 };
}

/** Without Python the tests that need it skip themselves; on CI that is a failure, since nobody would see it there. */
async function preparePython(): Promise<Counts> {
  python = await makePythonEnvironment((line) => console.log(line));
  if (python === undefined) return { passed: 0, failed: 0, skipped: 0 };
  console.log(`No Python environment, so the tests against GDAL and Dask are skipped: ${python}`);
  return { passed: 0, failed: onCi ? 1 : 0, skipped: 0 };
}

/** As with Python: needs Go, once. */
async function prepareS3(): Promise<Counts> {
  const missing = await makeS3Server((line) => console.log(line));
  if (missing !== undefined) console.log(`No S3 server, so the tests against it are skipped: ${missing}`);
  return { passed: 0, failed: missing !== undefined && onCi ? 1 : 0, skipped: 0 };
}

async function runSuite(suite: string): Promise<Counts> {
  const json = path.join(projectRoot, "reports", `${suite}.json`);
  rmSync(json, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${json}`];
  const show = (text: string): void => void process.stdout.write(text);
  const result = await runCommand(process.execPath, ["node_modules/vitest/vitest.mjs", "run", "--project", suite, ...reporters], {
    cwd: projectRoot,
    timeoutSeconds: 3600,
    onStdout: show,
    onStderr: show,
  });
  const counts = countTests(json);
  // An import that fails, an unhandled rejection, a crash: vitest fails without a failed test. That counts as one.
  const unseen = (result.status !== 0 && counts.failed === 0) || counts.passed + counts.failed + counts.skipped === 0;
  return unseen ? { ...counts, failed: counts.failed + 1 } : counts;
}

type VitestReport = {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
};

function countTests(json: string): Counts {
  try {
    const report = JSON.parse(readFileSync(json, "utf8")) as VitestReport; // vitest's JSON reporter writes this shape
    return { passed: report.numPassedTests, failed: report.numFailedTests, skipped: report.numPendingTests + report.numTodoTests };
  } catch {
    return { passed: 0, failed: 0, skipped: 0 }; // vitest ended before it wrote: the caller sees that nothing was counted
  }
}

function report(): void {
  const total = (key: keyof Counts): number => rows.reduce((sum, row) => sum + row[key], 0);
  console.log(`\n${"suite".padEnd(14)}${"passed".padStart(8)}${"failed".padStart(8)}${"skipped".padStart(8)}${"seconds".padStart(9)}`);
  for (const row of rows) {
    const numbers = [row.passed, row.failed, row.skipped].map((count) => String(count).padStart(8)).join("");
    console.log(`${row.suite.padEnd(14)}${numbers}${row.seconds.toFixed(1).padStart(9)}`);
  }
  if (python !== undefined) console.log(`\nskipped for want of Python: ${python}`);
  process.exitCode = total("failed") > 0 ? 1 : 0;
  console.log(`\n${total("passed")} passed, ${total("failed")} failed, ${total("skipped")} skipped`);
}
