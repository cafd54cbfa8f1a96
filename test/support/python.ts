/**
 * The Python side of the tests: one environment outside the checkout, made once for each requirements.txt, and its scripts
 * (test/parity/python) as typed functions. They throw on a script that fails, with what it said.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { cacheRoot, cachedDirectory, projectRoot } from "./project.ts";
import { runCommand, type CommandResult } from "./run-command.ts";

const scripts = path.join(projectRoot, "test/parity/python");
const requirements = path.join(scripts, "requirements.txt");
const environmentName = `python-${createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 12)}`;
const environment = path.join(cacheRoot, environmentName);

/** Whether the environment is there. Tests that need it say `describe.skipIf(!pythonIsReady)`; `npm test` makes it. */
export const pythonIsReady = existsSync(path.join(environment, ".complete"));

/** Makes the environment where it is missing; gives undefined, or why it could not be made. */
export async function makePythonEnvironment(say: (line: string) => void): Promise<string | undefined> {
  try {
    await cachedDirectory(environmentName, async (directory) => {
      say(`making the Python environment ${directory} (once)`);
      await mustRun("python3", ["-m", "venv", directory]);
      await mustRun(path.join(directory, "bin/pip"), ["install", "--quiet", "--disable-pip-version-check", "-r", requirements]);
    });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Runs one of test/parity/python's scripts; its exit status is the caller's to judge. */
export async function runScript(script: string, args: readonly string[], timeoutSeconds = 1800): Promise<CommandResult> {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "1", PYTHONWARNINGS: "ignore" };
  return runCommand(path.join(environment, "bin/python"), [path.join(scripts, script), ...args], { env, timeoutSeconds });
}

/** The path of a command that the environment's packages installed, for tests that start it themselves; `python` among them. */
export function toolPath(tool: string): string {
  return path.join(environment, "bin", tool);
}

/** Runs a command that the environment's packages installed, such as `rio`. */
export async function runTool(tool: string, args: readonly string[]): Promise<CommandResult> {
  return runCommand(toolPath(tool), args);
}

/** exact.py: writes the answer key `<index>_<GROUP>.tif` of the job into `out`, with counts beside them where asked for. */
export async function exact(
  job: string,
  out: string,
  counts: "counts" | "no counts" = "no counts",
): Promise<{ readonly shape: readonly [number, number]; readonly solarDays: number }> {
  return json(await runScript("exact.py", [job, out, ...(counts === "counts" ? ["--counts"] : [])]));
}

/** What reference.py measured of itself, and what the whole command took. */
export type ReferenceRun = {
  readonly computeSeconds: number;
  readonly datasetBytes: number;
  readonly wholeCommand: CommandResult;
};

/** reference.py: the job by Dask, 2 workers of 1 thread and 2 GiB each. */
export async function reference(job: string, out: string): Promise<ReferenceRun> {
  const wholeCommand = await runScript("reference.py", [job, out, "--workers", "2", "--threads", "1", "--memory", "2GiB"]);
  return { ...json<Omit<ReferenceRun, "wholeCommand">>(wholeCommand), wholeCommand };
}

/** How near two results must be; see compare.py. */
export type Nearness = { readonly tolerance: number; readonly within?: number; readonly nanMismatch?: number };

/** One group's figures. Those after `problem` are missing where the images could not be compared at all. */
export type Comparison = {
  readonly group: string;
  readonly ok: boolean;
  readonly problem: string | null;
  readonly overlap?: number;
  readonly valid?: number;
  readonly within?: number;
  readonly maxError?: number;
  readonly meanError?: number;
  readonly onlyOneNan?: number;
};

/** compare.py: one record for each group of `theirs`. */
export async function compare(ours: string, theirs: string, nearness: Nearness): Promise<readonly Comparison[]> {
  const { tolerance, within = 1, nanMismatch = 0 } = nearness;
  const limits = ["--tolerance", String(tolerance), "--within", String(within), "--nan-mismatch", String(nanMismatch)];
  const result = await runScript("compare.py", [ours, theirs, "--json", ...limits]);
  if (!result.stdout) throw failure("compare.py", result);
  return JSON.parse(result.stdout) as Comparison[]; // compare.py writes this shape
}

/** One image of a result as rasterio sees it; see open_output.py. */
export type OpenedImage = {
  readonly file: string;
  readonly driver: string;
  readonly dtype: string;
  readonly nodata: string | null;
  readonly crs: string;
  readonly description: string | null;
  readonly overviews: readonly number[];
  readonly compression: string | null;
  readonly layout: string | null;
  readonly sameByOdcStac: boolean;
};

/** open_output.py: the GeoTIFF assets of `out`/item.json. */
export async function openOutput(out: string): Promise<readonly OpenedImage[]> {
  const { assets } = json<{ assets: Record<string, OpenedImage> }>(await runScript("open_output.py", [out]));
  return Object.values(assets);
}

/** A band as Mayfly read it: raw little-endian arrays in files; see compare_bands.py. */
export type Band = {
  readonly file: string;
  readonly sample: number;
  readonly type: string;
  readonly height: number;
  readonly width: number;
  readonly data: string;
  readonly mask: string | null;
};

/** compare_bands.py: for each band what differs from rasterio's, null where nothing does. `directory` takes its list. */
export async function compareBands(
  bands: readonly Band[],
  directory: string,
): Promise<readonly { readonly file: string; readonly sample: number; readonly problem: string | null }[]> {
  const list = path.join(directory, "bands.json");
  writeFileSync(list, JSON.stringify(bands));
  return json(await runScript("compare_bands.py", [list]));
}

/** make_layouts.py: one image in every layout, each a file of `directory`, which is made. */
export async function makeLayouts(directory: string): Promise<void> {
  await mustRun(path.join(environment, "bin/python"), [path.join(scripts, "make_layouts.py"), directory]);
}

/** The last line of a script's output as JSON: each prints its report there. */
function json<T>(result: CommandResult): T {
  if (result.status !== 0) throw failure("the script", result);
  return JSON.parse(result.stdout.trim().split("\n").at(-1) ?? "") as T; // the scripts beside this file print this shape
}

async function mustRun(command: string, args: readonly string[]): Promise<void> {
  const result = await runCommand(command, args, { timeoutSeconds: 900 });
  if (result.status !== 0) throw failure(`${command} ${args.join(" ")}`, result);
}

function failure(what: string, result: CommandResult): Error {
  return new Error(`${what} ended with ${result.status}: ${result.stderr.trim().split("\n").slice(-12).join("\n")}`);
}
