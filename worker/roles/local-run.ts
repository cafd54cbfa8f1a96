/**
 * `mayfly run`: the whole job on this machine. Joins plan, engine, assembly and commit; nothing appears under its final name before everything is
 * written, and whatever happens no temporary file is left.
 */
import { mkdir, readFile, rename, rmdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ComputeJob } from "../../api/v1alpha1/compute-job.ts";
import { type Report, reportSchema } from "../../api/v1alpha1/report.ts";
import { RequestError } from "../../runtime/errors.ts";
import { blocksOfTile } from "../core/execution/slabs.ts";
import { billOf } from "../core/plan/bill.ts";
import { writing } from "../io/output/output-errors.ts";
import { createTileStore, type TileStore } from "../io/output/tile-store.ts";
import type { ByteSource } from "../io/source/byte-source.ts";
import { createEngine, type Engine } from "./engine.ts";
import { openImages } from "./images.ts";
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
  const finished = await finishedReport(outputFolder);
  if (finished && finished.jobHash === prepared.hash && !options.overwrite)
    return { report: finished, alreadyComplete: true, stages: undefined };
  if (finished && !options.overwrite) {
    const todo = "use --overwrite, or another --out";
    throw new RequestError([{ what: "the output holds the result of another job", where: outputFolder, todo }]);
  }
  const created = await writing(outputFolder, () => mkdir(outputFolder, { recursive: true }));
  const store = await createTileStore(outputFolder, prepared.hash);
  let committed = false;
  try {
    const { report, stages } = await computeInto(store, options);
    committed = true;
    return { report, alreadyComplete: false, stages };
  } finally {
    await store.remove();
    if (!committed && created !== undefined) await removeEmpty(outputFolder);
  }
}

/** The report of a finished run whose files are all there. */
async function finishedReport(folder: string): Promise<Report | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, "report.json"), "utf8");
  } catch {
    // Nothing there, or nothing readable: there is no finished run to keep.
    return undefined;
  }
  const parsed = reportSchema.safeParse(safeJson(text));
  if (!parsed.success) return undefined;
  for (const file of parsed.data.files) {
    const found = await stat(join(folder, file.name)).catch(() => undefined);
    if (found?.size !== file.bytes) return undefined;
  }
  return parsed.data;
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not a report, whatever it is.
    return undefined;
  }
}

async function removeEmpty(folder: string): Promise<void> {
  // Not empty, or gone: either is fine, it was only to leave nothing of ours.
  await rmdir(folder).catch(() => undefined);
}

async function computeInto(store: TileStore, options: RunOptions): Promise<{ report: Report; stages: StageSeconds }> {
  const { prepared, source, threads, signal, job } = options;
  const { plan } = prepared;
  const engine = createEngine({ plan, source, threads, module: options.kernels, signal });
  try {
    const images = await openImages({ plan, engine, store, signal, quicklook: job.spec.output.quicklook });
    const computeStart = options.elapsedSeconds();
    const bill = billOf(plan, job.spec.measurements?.length ?? 0);
    const progress = progressOf(options, engine, bill.chunks);
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
    const partial = reportOf(options, engine, { bill, computeSeconds: untilComputed - computeStart, groups: images.groups() });
    const report = await writeDocuments({ ...options, plan, folder: store.folder, rasters, pictures, report: partial });
    await commit(store.folder, options.outputFolder, report);
    return { report, stages };
  } finally {
    await engine.close();
  }
}

function progressOf({ prepared, onProgress }: RunOptions, { counters }: Engine, chunksTotal: number): (stage: Progress["stage"]) => void {
  const unitDays = Math.max(1, unitDaysOf(prepared.plan));
  return (stage) => {
    const share = stage === "write" ? 1 : Math.min(1, counters.unitDays / unitDays);
    onProgress({ stage, chunksDone: Math.floor(share * chunksTotal), chunksTotal, bytesRead: counters.bytesRead });
  };
}

function unitDaysOf(plan: PreparedJob["plan"]): number {
  return plan.reductions.reduce((sum, { tile, group }) => sum + blocksOfTile(tile).length * group.days.length, 0);
}

function reportOf(
  options: RunOptions,
  engine: Engine,
  { bill, computeSeconds, groups }: { bill: ReturnType<typeof billOf>; computeSeconds: number; groups: Report["groups"] },
): Omit<Report, "files"> {
  const { plan, hash } = options.prepared;
  const peak = process.resourceUsage().maxRSS * 1024;
  return {
    version: options.version,
    jobHash: hash,
    scenes: plan.scenes.length,
    solarDays: plan.days.length,
    chunks: bill.chunks,
    chunkBytes: bill.chunkBytes,
    datasetBytes: bill.datasetBytes,
    resultBytes: bill.resultBytes,
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

/** Renames everything into place, the report last: with it the output is whole. */
async function commit(from: string, to: string, report: Report): Promise<void> {
  const stale = join(to, "report.json");
  await writing(stale, async () => {
    // Without its report an older result is not whole, which is true from the first rename on.
    await rename(stale, join(from, "report.json.before")).catch(() => undefined);
    for (const { name } of report.files) await rename(join(from, name), join(to, name));
    await rename(join(from, "report.json"), stale);
  });
}
