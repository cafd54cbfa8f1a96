/**
 * `mayfly run`: the whole job on this machine. Joins plan, engine, assembly and commit; nothing appears under its final name before everything is
 * written, and whatever happens no temporary file is left.
 */
import type { ComputeJob } from "../../api/v1alpha1/compute-job.ts";
import type { Report } from "../../api/v1alpha1/report.ts";
import { memoryLimitBytes } from "../../runtime/memory-limit.ts";
import { type JobSizes, sizesOf } from "../core/plan/bill.ts";
import { outputNames, REPORT_NAME } from "../core/plan/output-names.ts";
import { commitFiles } from "../io/output/commit.ts";
import { makeFolder, removeFolders } from "../io/output/output-folder.ts";
import { lockOutput, type OutputLock } from "../io/output/output-lock.ts";
import { createTileStore, type TileStore } from "../io/output/tile-store.ts";
import type { ByteSource } from "../io/source/byte-source.ts";
import { createEngine, type Engine, UnreadableFilesError } from "./engine.ts";
import { Images } from "./images.ts";
import { admitOutput, finishedResult, type OutputClaim } from "./older-result.ts";
import { type PreparedJob, reasonOf, type SkippedScene } from "./prepare-job.ts";
import { writeDocuments } from "./write-results.ts";

export type RunOptions = {
  readonly job: ComputeJob;
  readonly prepared: PreparedJob;
  readonly source: ByteSource;
  readonly kernels: WebAssembly.Module;
  readonly outputFolder: string;
  readonly overwrite: boolean;
  readonly threads: number;
  readonly version: string;
  readonly signal: AbortSignal;
  /** Seconds since the command began, from a monotonic clock. */
  readonly elapsedSeconds: () => number;
  readonly onProgress: (progress: Progress) => void;
};

export type Progress = {
  readonly stage: "compute" | "write";
  /** Chunks of one band. */
  readonly chunksDone: number;
  readonly chunksTotal: number;
  readonly bytesRead: number;
};

/** Seconds of each stage: of threads summed for the first three, of this process's clock for the others. */
export type StageSeconds = Readonly<
  Record<"decode" | "compute" | "encode" | "untilComputeStart" | "untilComputed" | "untilWritten", number>
>;

export type RunResult = { readonly report: Report; readonly alreadyComplete: boolean; readonly stages: StageSeconds | undefined };

/** Runs the job; throws RequestError, SourceError, OutputError, or the signal's reason. */
export async function runLocally(options: RunOptions): Promise<RunResult> {
  const { outputFolder, prepared } = options;
  const claim: OutputClaim = {
    folder: outputFolder,
    hashWithout: (ids) => hashWithout(prepared, ids),
    workName: prepared.hash,
    names: outputNames(prepared.plan, options.job.spec.output.quicklook),
    inputs: prepared.inputs,
    overwrite: options.overwrite,
  };
  const finished = await finishedResult(claim);
  if (finished) return already(finished);
  const made = await makeFolder(outputFolder);
  let committed = false;
  try {
    const result = await runLocked(options, claim);
    committed = true;
    return result;
  } finally {
    if (!committed) await removeFolders(made);
  }
}

function already(report: Report): RunResult {
  return { report, alreadyComplete: true, stages: undefined };
}

async function runLocked(options: RunOptions, claim: OutputClaim): Promise<RunResult> {
  const lock = await lockOutput(claim.folder);
  try {
    const { complete, fileNames } = await admitOutput(claim);
    if (complete) return already(complete);
    return { ...(await computeReadable(options, lock, fileNames)), alreadyComplete: false };
  } finally {
    await lock.release();
  }
}

/** A result of this job in which some scenes were skipped is whole too (decision 0011). */
function hashWithout(prepared: PreparedJob, ids: readonly string[]): string | undefined {
  const present = prepared.plan.scenes.filter(({ id }) => ids.includes(id)).map(({ id }) => ({ id, reason: "" }));
  if (present.length === 0) return prepared.hash;
  return present.length < prepared.plan.scenes.length ? prepared.without(present).hash : undefined;
}

/**
 * Computes; where files turn out to be unreadable and spec.source.onError says so, once more without their scenes, from the beginning: the result is
 * then that of the job without them, byte for byte. The first try has found all such files, so that the second ends, unless files break meanwhile.
 */
async function computeReadable(options: RunOptions, lock: OutputLock, olderNames: readonly string[]): Promise<RunOutput> {
  for (let { prepared } = options; ;) {
    // Of all scenes, those that turn out unreadable too: what a killed run leaves is then known as this job's.
    const store = await createTileStore(options.outputFolder, options.prepared.hash);
    try {
      return await computeInto(store, { ...options, prepared }, { lock, olderNames });
    } catch (error) {
      if (!(error instanceof UnreadableFilesError)) throw error;
      prepared = withoutUnreadable(prepared, error);
    } finally {
      await store.remove();
    }
  }
}

function withoutUnreadable(prepared: PreparedJob, { files }: UnreadableFilesError): PreparedJob {
  const skipped = prepared.plan.scenes.flatMap(({ id, rasters }): readonly SkippedScene[] => {
    const error = rasters.map(({ href }) => files.get(href)).find((fault) => fault !== undefined);
    return error ? [{ id, reason: reasonOf(error) }] : [];
  });
  const [first] = files.values();
  if (first && skipped.length === prepared.plan.scenes.length) throw first;
  return prepared.without(skipped);
}

type Replacing = { readonly lock: OutputLock; readonly olderNames: readonly string[] };

type RunOutput = { readonly report: Report; readonly stages: StageSeconds };

/** Computes and commits; afterwards, either way, nothing runs and nothing is being written any more. */
async function computeInto(store: TileStore, options: RunOptions, { lock, olderNames }: Replacing): Promise<RunOutput> {
  const { plan } = options.prepared;
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, over.signal]);
  const { source, threads, kernels: module } = options;
  const engine = createEngine({ plan, source, threads, module, signal, onError: options.job.spec.source.onError ?? "fail" });
  let images: Images | undefined;
  try {
    images = new Images({ plan, engine, store, signal, quicklook: options.job.spec.output.quicklook });
    const { report, stages } = await computeImages(images, engine, store, options);
    // Up to here a signal leaves what was there before; from here on the result is whole in a moment.
    signal.throwIfAborted();
    await lock.assertHeld();
    const names = [...report.files.map(({ name }) => name), REPORT_NAME];
    await commitFiles({ from: store.folder, to: options.outputFolder, names, olderNames });
    return { report, stages };
  } finally {
    over.abort();
    await engine.close();
    await images?.settled();
  }
}

async function computeImages(images: Images, engine: Engine, store: TileStore, options: RunOptions): Promise<RunOutput> {
  const { plan } = options.prepared;
  const computeStart = options.elapsedSeconds();
  const sizes = sizesOf(plan);
  const progress = progressOf(options, engine, sizes.chunks);
  progress("compute");
  const computing = engine.run({
    onUnitDay: () => progress("compute"),
    onBlock: (reduction, block, perIndex) => images.add(reduction, block, perIndex),
  });
  await Promise.race([computing, images.failure]);
  const untilComputed = options.elapsedSeconds();
  progress("write");
  const { rasters, pictures } = await images.finish();
  const { decode, compute, finish: encode } = engine.counters.seconds;
  const stages = { decode, compute, encode, untilComputeStart: computeStart, untilComputed, untilWritten: options.elapsedSeconds() };
  const partial = reportOf(options, { sizes, computeSeconds: untilComputed - computeStart, groups: images.groups() });
  return {
    report: await writeDocuments({
      ...options,
      job: options.prepared.resolved,
      plan,
      folder: store.folder,
      rasters,
      pictures,
      report: partial,
    }),
    stages,
  };
}

function progressOf({ onProgress, source }: RunOptions, engine: Engine, chunksTotal: number): (stage: Progress["stage"]) => void {
  return (stage) => {
    const share = stage === "write" ? 1 : engine.shareDone();
    onProgress({ stage, chunksDone: Math.floor(share * chunksTotal), chunksTotal, bytesRead: source.counters().bytesRead });
  };
}

function reportOf(
  options: RunOptions,
  { sizes, computeSeconds, groups }: { sizes: JobSizes; computeSeconds: number; groups: Report["groups"] },
): Omit<Report, "files"> {
  const { plan, hash, skippedScenes } = options.prepared;
  const { requests, bytesRead, retries } = options.source.counters();
  const peak = process.resourceUsage().maxRSS * 1024;
  return {
    version: options.version,
    jobHash: hash,
    scenes: plan.scenes.length,
    solarDays: plan.days.length,
    ...sizes,
    requests,
    bytesRead,
    spilledBytes: 0,
    wallSeconds: options.elapsedSeconds(),
    computeSeconds,
    workers: 1,
    threadsPerWorker: options.threads,
    memoryLimitBytes: memoryLimitBytes(),
    peakWorkerResidentBytes: peak,
    peakResidentBytes: peak,
    retries,
    disruptions: 0,
    skippedScenes,
    groups,
  };
}
