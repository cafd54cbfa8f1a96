/** Runs bin/mayfly as a user does, as a child with no terminal. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { projectRoot } from "./project.ts";
import { runCommand, type CommandOptions, type CommandResult } from "./run-command.ts";

/** The command, for tests that start it themselves. */
export const mayflyCommand = path.join(projectRoot, "bin/mayfly");

/** Any `mayfly` command line. A non-zero exit status is a result. */
export async function mayfly(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  return runCommand(mayflyCommand, args, options);
}

/** `mayfly run` of a job into `out`, which must succeed. `flags` as on the command line. */
export async function runJob(job: string, out: string, flags: readonly string[] = []): Promise<CommandResult> {
  const result = await mayfly(["run", job, "--out", out, "--progress", "none", ...flags]);
  if (result.status !== 0) throw new Error(`mayfly run ${job} ended with ${result.status}: ${result.stderr}`);
  return result;
}

/** sha256 of each .tif in `directory`, by name. */
export function imageDigests(directory: string): Readonly<Record<string, string>> {
  const images = readdirSync(directory).filter((name) => name.endsWith(".tif"));
  const digest = (name: string): string =>
    createHash("sha256")
      .update(readFileSync(path.join(directory, name)))
      .digest("hex");
  return Object.fromEntries(images.sort().map((name) => [name, digest(name)]));
}

/** `--set` for each setting, as `spec.grid.crs=utm`. */
export function set(...settings: readonly string[]): readonly string[] {
  return settings.flatMap((setting) => ["--set", setting]);
}

/** stdout of a command line that must succeed and say nothing else. */
export async function stdoutOf(args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await mayfly(args);
  if (status !== 0 || stderr !== "") throw new Error(`mayfly ${args.join(" ")} ended with ${status}: ${stderr}`);
  return stdout;
}

/** What a test looks at of `mayfly plan --json`. */
export type Bill = {
  readonly requests: number;
  readonly workerLimitBytes: number;
  readonly fits: boolean;
  readonly jobHash: string;
  readonly scenes: number;
  readonly solarDays: number;
  readonly chunks: number;
  readonly grid: { readonly crs: string; readonly height: number; readonly width: number; readonly bounds: readonly number[] };
  readonly groups: readonly { readonly name: string; readonly days: readonly string[] }[];
};

/** `mayfly plan --json` of a job with settings. */
export async function planOf(job: string, settings: readonly string[] = []): Promise<Bill> {
  return JSON.parse(await stdoutOf(["plan", job, "--json", ...set(...settings)])) as Bill; // what billOf gives
}
