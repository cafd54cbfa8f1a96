/**
 * `mayfly run`: the whole job on this machine. Joins plan, engine, assembly and commit; nothing appears under its final name before everything is
 * written, and whatever happens no temporary file is left.
 */
import type { ComputeJob } from "../../api/v1alpha1/compute-job.ts";
import type { Report } from "../../api/v1alpha1/report.ts";
import { type JobSizes, sizesOf } from "../core/plan/bill.ts";
import { commitFiles } from "../io/output/commit.ts";
import { makeFolder, removeFolders } from "../io/output/output-folder.ts";
import { createTileStore, type TileStore } from "../io/output/tile-store.ts";
import type { ByteSource } from "../io/source/byte-source.ts";
import { createEngine, type Engine } from "./engine.ts";
import { Images } from "./images.ts";
import { admitOutput } from "./older-result.ts";
import type { PreparedJob } from "./prepare-job.ts";
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
  const older = await admitOutput(outputFolder, prepared.hash, options.overwrite);
  if (older.complete) return { report: older.complete, alreadyComplete: true, stages: undefined };
  const made = await makeFolder(outputFolder);
  let committed = false;
  try {
    const store = await createTileStore(outputFolder, prepared.hash);
    try {
      const { report, stages } = await computeInto(store, options, older.fileNames);
      committed = true;
      return { report, alreadyComplete: false, stages };
    } finally {
      await store.remove();
    }
  } finally {
    if (!committed) await removeFolders(made);
  }
}

type RunOutput = { readonly report: Report; readonly stages: StageSeconds };

/** Computes and commits; afterwards, either way, nothing runs and nothing is being written any more. */
async function computeInto(store: TileStore, options: RunOptions, olderNames: readonly string[]): Promise<RunOutput> {
  const { plan } = options.prepared;
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, over.signal]);
  const engine = createEngine({ plan, source: options.source, threads: options.threads, module: options.kernels, signal });
  let images: Images | undefined;
  try {
    images = new Images({ plan, engine, store, signal, quicklook: options.job.spec.output.quicklook });
    const { report, stages } = await computeImages(images, engine, store, options);
    // Up to here a signal leaves what was there before; from here on the result is whole in a moment.
    signal.throwIfAborted();
    const names = [...report.files.map(({ name }) => name), "report.json"];
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
  const partial = reportOf(options, engine, { sizes, computeSeconds: untilComputed - computeStart, groups: images.groups() });
  return { report: await writeDocuments({ ...options, plan, folder: store.folder, rasters, pictures, report: partial }), stages };
}

function progressOf({ onProgress }: RunOptions, engine: Engine, chunksTotal: number): (stage: Progress["stage"]) => void {
  return (stage) => {
    const share = stage === "write" ? 1 : engine.shareDone();
    onProgress({ stage, chunksDone: Math.floor(share * chunksTotal), chunksTotal, bytesRead: engine.counters.bytesRead });
  };
}

function reportOf(
  options: RunOptions,
  engine: Engine,
  { sizes, computeSeconds, groups }: { sizes: JobSizes; computeSeconds: number; groups: Report["groups"] },
): Omit<Report, "files"> {
  const { plan, hash } = options.prepared;
  const peak = process.resourceUsage().maxRSS * 1024;
  return {
    version: options.version,
    jobHash: hash,
    scenes: plan.scenes.length,
    solarDays: plan.days.length,
    ...sizes,
    requests: engine.counters.requests,
    bytesRead: engine.counters.bytesRead,
    spilledBytes: 0,
    wallSeconds: options.elapsedSeconds(),
    computeSeconds,
    workers: 1,
    threadsPerWorker: options.threads,
    memoryLimitBytes: 0,
    peakWorkerResidentBytes: peak,
    peakResidentBytes: peak,
    retries: 0,
    disruptions: 0,
    skippedScenes: [],
    groups,
  };
}
