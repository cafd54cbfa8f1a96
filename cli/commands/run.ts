/** `mayfly run`: a job on this machine. */
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import type { ComputeJob } from "../../api/v1alpha1/compute-job.ts";
import { InterruptedError, RequestError } from "../../runtime/errors.ts";
import { isUrl } from "../../runtime/redact-url.ts";
import { VERSION } from "../../runtime/version.ts";
import { openSources, type Sources } from "../../worker/io/source/open-source.ts";
import { runLocally, type RunResult } from "../../worker/roles/local-run.ts";
import { prepareJob } from "../../worker/roles/prepare-job.ts";
import { formatBytes, formatSeconds } from "../format.ts";
import type { JobOptions } from "../job-options.ts";
import { createProgressView, type ProgressKind } from "../progress.ts";
import { readJob } from "../read-job.ts";
import { readKernels } from "../read-kernels.ts";

type RunOptions = JobOptions & {
  readonly out?: string;
  readonly threads?: number;
  readonly progress: ProgressKind;
  readonly overwrite: boolean;
};

/** Unless asked for: each thread takes 40 MiB of the 4 GiB that one process can share among them. */
const MOST_THREADS = 64;

/** Returns the exit status: 0, or 128 + the signal that ended it. */
export async function runCommand(path: string, options: RunOptions): Promise<number> {
  const start = performance.now();
  const elapsedSeconds = () => (performance.now() - start) / 1000;
  const view = createProgressView(options.progress, process.stderr, elapsedSeconds);
  const stop = listenForSignals();
  let source: Sources | undefined;
  try {
    const job = await readJob(path, options.set);
    source = openSources({ s3: job.spec.source.s3 ?? {}, env: process.env });
    const outputFolder = outputFolderOf(job, options.out);
    const threads = options.threads ?? Math.min(availableParallelism(), MOST_THREADS);
    const prepared = await prepareJob(job, path, source, stop.abort);
    announce(job, options, `${prepared.plan.scenes.length} scenes, ${threads} threads, into ${outputFolder}`);
    const kernels = await readKernels();
    const overwrite = options.overwrite || (job.spec.output.overwrite ?? false);
    const run = { job, prepared, source, kernels, outputFolder, overwrite, threads, version: VERSION, signal: stop.abort, elapsedSeconds };
    const result = await runLocally({ ...run, onProgress: (progress) => view.show(progress) });
    view.end();
    tell(result, options, { folder: outputFolder, quicklook: job.spec.output.quicklook });
    return 0;
  } catch (error) {
    view.end();
    if (stop.signal() === undefined) throw error;
    process.stderr.write(`stopped by ${stop.signal()}: nothing was written\n`);
    return stop.status();
  } finally {
    // Still listening for signals: one that comes now, when the result is there or the error is told, changes nothing.
    await source?.close();
  }
}

const SIGNALS = new Map<NodeJS.Signals, number>([
  ["SIGINT", 2],
  ["SIGTERM", 15],
  ["SIGHUP", 1],
]);

type SignalStop = { readonly abort: AbortSignal; signal(): NodeJS.Signals | undefined; status(): number };

/** Turns the signals that end a program into one abort. */
function listenForSignals(): SignalStop {
  const abort = new AbortController();
  let first: NodeJS.Signals | undefined;
  const stop = (name: NodeJS.Signals): void => {
    first ??= name;
    abort.abort(new InterruptedError(name));
  };
  for (const name of SIGNALS.keys()) process.on(name, stop);
  return {
    abort: abort.signal,
    signal: () => first,
    status: () => 128 + (SIGNALS.get(first ?? "SIGTERM") ?? 0),
  };
}

function announce(job: ComputeJob, options: RunOptions, what: string): void {
  if (job.spec.clusterTemplate) process.stderr.write("note: spec.clusterTemplate is for a cluster: ignored here\n");
  if (job.spec.clusterName !== undefined) process.stderr.write("note: spec.clusterName is for a cluster: ignored here\n");
  if (job.spec.source.s3?.credentialsSecretName !== undefined) {
    process.stderr.write("note: spec.source.s3.credentialsSecretName is for a cluster: here AWS_PROFILE or AWS_ACCESS_KEY_ID is used\n");
  }
  if (!options.json && ["auto", "plain"].includes(options.progress)) process.stderr.write(`${job.metadata.name}: ${what}\n`);
}

/** Where the result is, and whether pictures belong to it. */
type Output = { readonly folder: string; readonly quicklook: boolean };

function tell(result: RunResult, options: RunOptions, output: Output): void {
  if (options.verbose && result.stages) process.stderr.write(`${stagesText(result.stages)}\n`);
  process.stdout.write(options.json ? `${JSON.stringify(result.report)}\n` : summary(result, output));
}

function outputFolderOf(job: ComputeJob, out: string | undefined): string {
  if (out === "") throw new RequestError([{ what: "no directory", where: '--out ""', todo: "give --out DIR; --out . is this one" }]);
  const folder = out ?? job.spec.output.url;
  if (folder === undefined) throw new RequestError([{ what: "no output", where: "--out", todo: "give --out DIR, or spec.output.url" }]);
  if (!isUrl(folder)) return resolve(folder);
  throw new RequestError([
    {
      what: `output ${folder} is not supported yet`,
      where: out === undefined ? "spec.output.url" : "--out",
      todo: "give a directory with --out",
    },
  ]);
}

function stagesText(stages: NonNullable<RunResult["stages"]>): string {
  return Object.entries(stages)
    .map(([name, seconds]) => `${name} ${seconds.toFixed(2)} s`)
    .join(", ");
}

function summary({ report, alreadyComplete }: RunResult, { folder, quicklook }: Output): string {
  if (alreadyComplete) {
    const again =
      quicklook && !hasPictures(report)
        ? "it was run without quicklooks: --overwrite computes it with them"
        : "--overwrite computes it again";
    return `Already complete: ${folder} holds the result of this job (${report.jobHash.slice(0, 12)}${skippedText(report)}); ${again}\n`;
  }
  const number = (value: number | null): string => (value === null ? "none" : value.toFixed(4)).padStart(COLUMN);
  const rows = report.groups.map(
    (g) =>
      `  ${g.name.padEnd(16)}${String(g.days).padStart(5)} ${g.days === 1 ? "day " : "days"}${number(g.min)}${number(g.mean)}${number(g.max)}\n`,
  );
  const warnings = report.groups
    .filter((g) => g.outsideValidRange > g.validObservations * OUTSIDE_WARNING)
    .map(
      (g) =>
        `warning: ${g.name}: ${((100 * g.outsideValidRange) / g.validObservations).toFixed(2)} % of observations lie outside the product's valid range; validRange: product drops them\n`,
    );
  const nothing = report.groups.every((g) => g.validObservations === 0)
    ? "warning: no pixel has a valid observation: see mayfly explain for one of them\n"
    : "";
  const skipped = report.skippedScenes.map(({ id, reason }) => `skipped ${id}: ${reason}\n`).join("");
  const totals = `${formatBytes(report.bytesRead)} read, peak memory ${formatBytes(report.peakResidentBytes)}, ${formatSeconds(report.wallSeconds)}`;
  return `  ${"image".padEnd(16)}${"".padStart(10)}${["min", "mean", "max"].map((t) => t.padStart(COLUMN)).join("")}\n${rows.join("")}${warnings.join("")}${nothing}${skipped}${totals}\nResult in ${folder}\n`;
}

function hasPictures({ files }: RunResult["report"]): boolean {
  return files.some(({ name }) => name.endsWith(".png"));
}

function skippedText({ skippedScenes }: RunResult["report"]): string {
  return skippedScenes.length === 0 ? "" : `, without ${skippedScenes.length} scenes that could not be read`;
}

/** An index of raw numbers reaches thousands where its denominator is nearly 0. */
const COLUMN = 12;

/** Share of observations outside the valid range from which on it is worth a warning (DESIGN section 4). */
const OUTSIDE_WARNING = 0.001;
