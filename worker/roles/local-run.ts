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
import type { BlockStatistics } from "../core/execution/thread-job.ts";
import { COG_BLOCK } from "../core/plan/chunks.ts";
import { billOf } from "../core/plan/bill.ts";
import type { WrittenFile } from "../io/output/cog-file.ts";
import { writing } from "../io/output/output-errors.ts";
import { createTileStore, type TileStore } from "../io/output/tile-store.ts";
import type { ByteSource } from "../io/source/byte-source.ts";
import { ImageAssembler, pictureLevel } from "./assemble-image.ts";
import { createEngine, type Engine } from "./engine.ts";
import type { PreparedJob } from "./prepare-job.ts";
import { type NamedFile, writeDocuments, writePictures } from "./write-results.ts";

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

export type RunResult = { readonly report: Report; readonly alreadyComplete: boolean };

/** Runs the job; throws RequestError, SourceError, OutputError, or the signal's reason. */
export async function runLocally(options: RunOptions): Promise<RunResult> {
  const { outputFolder, prepared } = options;
  const finished = await finishedReport(outputFolder);
  if (finished && finished.jobHash === prepared.hash && !options.overwrite) return { report: finished, alreadyComplete: true };
  if (finished && !options.overwrite) {
    const todo = "use --overwrite, or another --out";
    throw new RequestError([{ what: "the output holds the result of another job", where: outputFolder, todo }]);
  }
  const created = await writing(outputFolder, () => mkdir(outputFolder, { recursive: true }));
  const store = await createTileStore(outputFolder, prepared.hash);
  let committed = false;
  try {
    const report = await computeInto(store, options);
    committed = true;
    return { report, alreadyComplete: false };
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

async function computeInto(store: TileStore, options: RunOptions): Promise<Report> {
  const { prepared, source, threads, signal, job } = options;
  const { plan } = prepared;
  const keepValues = pictureLevel(plan.grid) === 0;
  const engine = createEngine({ plan, source, threads, module: options.kernels, keepValues, signal });
  try {
    const images = new Images(options, store);
    await images.open();
    const computeStart = options.elapsedSeconds();
    const bill = billOf(plan, job.spec.measurements?.length ?? 0);
    const unitDays = unitDaysOf(plan);
    const progress = (stage: Progress["stage"]) => {
      const chunksDone = stage === "write" ? bill.chunks : Math.floor((engine.counters.unitDays / Math.max(1, unitDays)) * bill.chunks);
      options.onProgress({ stage, chunksDone: Math.min(chunksDone, bill.chunks), chunksTotal: bill.chunks, bytesRead: engine.counters.bytesRead });
    };
    progress("compute");
    await engine.run({ onUnitDay: () => progress("compute"), onReduction: (reduction, blocks) => images.add(reduction, blocks) });
    const computeSeconds = options.elapsedSeconds() - computeStart;
    progress("write");
    const rasters = await images.finish(engine);
    const pictures = job.spec.output.quicklook ? await writePictures({ plan, job, folder: store.folder, images: images.pictures() }) : [];
    const partial = reportOf(options, engine, { bill, computeSeconds, groups: images.groups(engine) });
    const report = await writeDocuments({ ...options, plan, folder: store.folder, rasters, pictures, report: partial });
    await commit(store.folder, options.outputFolder, report);
    return report;
  } finally {
    await engine.close();
  }
}

function unitDaysOf(plan: PreparedJob["plan"]): number {
  return plan.reductions.reduce((sum, { tile, group }) => sum + blocksOfTile(tile).length * group.days.length, 0);
}

type ImageKey = { readonly group: string; readonly index: number };
type Image = ImageKey & { readonly assembler: ImageAssembler; readonly statistics: BlockStatistics[] };

/** The images of a run: one for each index of each group. */
class Images {
  readonly #options: RunOptions;
  readonly #store: TileStore;
  readonly #images: Image[] = [];

  constructor(options: RunOptions, store: TileStore) {
    this.#options = options;
    this.#store = store;
  }

  async open(): Promise<void> {
    const { plan } = this.#options.prepared;
    for (const { name: group } of plan.groups)
      for (const [index, { name }] of plan.request.indices.entries()) {
        const spool = await this.#store.spool(`${name}_${group}.blocks`);
        this.#images.push({ group, index, assembler: new ImageAssembler(plan.grid, spool), statistics: [] });
      }
  }

  async add(reduction: number, blocks: readonly (readonly import("../core/execution/thread-job.ts").FinishedBlock[])[]): Promise<void> {
    const { group, tile } = this.#options.prepared.plan.reductions[reduction] ?? {};
    if (!group || !tile) throw new Error(`No reduction ${reduction}`);
    const windows = blocksOfTile(tile);
    const across = Math.ceil(this.#options.prepared.plan.grid.width / COG_BLOCK);
    for (const [i, perIndex] of blocks.entries())
      for (const [index, block] of perIndex.entries()) {
        const window = windows[i];
        const image = this.#images.find((candidate) => candidate.group === group.name && candidate.index === index);
        if (!window || !image) throw new Error(`No image for block ${i} of reduction ${reduction}`);
        await image.assembler.add(block, window.row0, window.col0);
        image.statistics[(window.row0 / COG_BLOCK) * across + window.col0 / COG_BLOCK] = block.statistics;
      }
  }

  async finish(engine: Engine): Promise<readonly NamedFile[]> {
    const { signal, prepared } = this.#options;
    const files: NamedFile[] = [];
    for (const { group, index, assembler } of this.#images) {
      const indexName = prepared.plan.request.indices[index]?.name ?? "";
      await assembler.buildOverviews(engine.pool, signal);
      const write = async (name: string, kind: "values" | "counts", description: string): Promise<void> => {
        const written: WrittenFile = await assembler.write(join(this.#store.folder, name), kind, description, signal);
        files.push({ ...written, name, group, indexName, kind });
      };
      await write(`${indexName}_${group}.tif`, "values", `${indexName} ${group} mean`);
      if (prepared.plan.request.count) await write(`${indexName}_${group}_count.tif`, "counts", `${indexName} ${group} count of valid observations`);
    }
    return files;
  }

  pictures(): readonly { readonly group: string; readonly raster: ImageAssembler["picture"] }[] {
    return this.#images.filter((image) => image.index === 0).map(({ group, assembler }) => ({ group, raster: assembler.picture }));
  }

  groups(engine: Engine): Report["groups"] {
    const { plan } = this.#options.prepared;
    return this.#images.map(({ group, index, statistics }) => {
      const valid = statistics.filter((s) => s.validPixels > 0);
      const pixels = valid.reduce((sum, s) => sum + s.validPixels, 0);
      const extreme = (pick: (a: number, b: number) => number, of: (s: BlockStatistics) => number | undefined) =>
        valid.length === 0 ? null : valid.map((s) => of(s) ?? Number.NaN).reduce((a, b) => pick(a, b));
      return {
        name: `${plan.request.indices[index]?.name}_${group}`,
        days: plan.groups.find((g) => g.name === group)?.days.length ?? 0,
        validObservations: statistics.reduce((sum, s) => sum + s.validObservations, 0),
        min: extreme(Math.min, (s) => s.min),
        mean: pixels === 0 ? null : valid.reduce((sum, s) => sum + s.sum, 0) / pixels,
        max: extreme(Math.max, (s) => s.max),
        outsideValidRange: engine.counters.outsideValidRange.get(group)?.[index] ?? 0,
      };
    });
  }
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
