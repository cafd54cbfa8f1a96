/**
 * The images of a run, one for each index of each group. An image is put together, written and drawn as soon as its last block is there, while
 * the next group is still being computed.
 */
import { join } from "node:path";
import type { ReportGroup } from "../../api/v1alpha1/report.ts";
import { blocksOfTile } from "../core/execution/slabs.ts";
import type { BlockStatistics, FinishedBlock } from "../core/execution/thread-job.ts";
import { COG_BLOCK } from "../core/plan/chunks.ts";
import { countName, valuesName } from "../core/plan/output-names.ts";
import type { Plan } from "../core/plan/plan.ts";
import type { Spool, TileStore } from "../io/output/tile-store.ts";
import { ImageAssembler } from "./assemble-image.ts";
import type { Engine } from "./engine.ts";
import { type NamedFile, type NamedPicture, writePicture } from "./write-results.ts";

export type ImagesInput = {
  readonly plan: Plan;
  readonly engine: Engine;
  readonly store: TileStore;
  readonly signal: AbortSignal;
  readonly quicklook: boolean;
};

type Image = {
  readonly group: string;
  readonly index: number;
  readonly indexName: string;
  /** Opened with its first block: a job may have thousands of images, and only a group's are under way. */
  open: Promise<OpenImage> | undefined;
  /** Row-major over the grid's COG blocks. */
  readonly statistics: BlockStatistics[];
  blocksLeft: number;
};

type OpenImage = { readonly spool: Spool; readonly assembler: ImageAssembler };

function imagesOf({ groups, request, grid }: Plan): readonly Image[] {
  const blocksLeft = Math.ceil(grid.height / COG_BLOCK) * Math.ceil(grid.width / COG_BLOCK);
  return groups.flatMap(({ name: group }) =>
    request.indices.map(({ name: indexName }, index) => ({ group, index, indexName, open: undefined, statistics: [], blocksLeft })),
  );
}

export class Images {
  readonly #input: ImagesInput;
  readonly #images: readonly Image[];
  readonly #rasters: NamedFile[] = [];
  readonly #pictures: NamedPicture[] = [];
  /** Images are finished one after the other: memory for one at a time. */
  #finishing: Promise<void> = Promise.resolve();
  /** Rejects when an image cannot be finished; never resolves. */
  readonly failure: Promise<never>;
  readonly #fail: (error: unknown) => void;

  constructor(input: ImagesInput) {
    this.#input = input;
    this.#images = imagesOf(input.plan);
    const { promise, reject } = Promise.withResolvers<never>();
    this.failure = promise;
    this.#fail = reject;
    // Whoever waits for the images hears of it; nobody has to.
    promise.catch(() => undefined);
  }

  /** Stores a finished block of a reduction (row-major in its tile), one entry an index. */
  async add(reduction: number, block: number, perIndex: readonly FinishedBlock[]): Promise<void> {
    const { group, tile } = this.#input.plan.reductions[reduction] ?? {};
    const window = tile && blocksOfTile(tile)[block];
    if (!group || !window) throw new Error(`No block ${block} in reduction ${reduction}`);
    const across = Math.ceil(this.#input.plan.grid.width / COG_BLOCK);
    for (const [index, finished] of perIndex.entries()) {
      const image = this.#images.find((candidate) => candidate.group === group.name && candidate.index === index);
      if (!image) throw new Error(`No image of index ${index} for group ${group.name}`);
      image.open ??= this.#open(image);
      const { assembler } = await image.open;
      await assembler.add(finished, window.row0, window.col0);
      image.statistics[(window.row0 / COG_BLOCK) * across + window.col0 / COG_BLOCK] = finished.statistics;
      image.blocksLeft--;
      if (image.blocksLeft === 0)
        this.#finishing = this.#finishing.then(() => this.#finish(image)).catch((error: unknown) => this.#fail(error));
    }
  }

  /** Waits for the last image; the files in the order of the images, values before counts. */
  async finish(): Promise<{ readonly rasters: readonly NamedFile[]; readonly pictures: readonly NamedPicture[] }> {
    await Promise.race([this.#finishing, this.failure]);
    // They are finished as their last blocks come, which no two runs do alike.
    const place = ({ group, indexName }: { readonly group: string; readonly indexName?: string }): number =>
      this.#images.findIndex((image) => image.group === group && (indexName === undefined || image.indexName === indexName));
    return {
      rasters: this.#rasters.toSorted((a, b) => place(a) - place(b)),
      pictures: this.#pictures.toSorted((a, b) => place(a) - place(b)),
    };
  }

  /** Resolves when nothing is being written any more, however it ended. */
  async settled(): Promise<void> {
    await this.#finishing;
  }

  /** Throws OutputError. */
  async #open({ group, indexName }: Image): Promise<OpenImage> {
    const { plan, engine, store } = this.#input;
    const spool = await store.spool(`${indexName}_${group}.blocks`);
    return { spool, assembler: new ImageAssembler(plan.grid, spool, engine) };
  }

  async #finish(image: Image): Promise<void> {
    const { plan, store, signal, quicklook } = this.#input;
    const { group, index, indexName } = image;
    signal.throwIfAborted();
    if (!image.open) throw new Error(`Image ${indexName}_${group} is finished, but has no block`);
    const { spool, assembler } = await image.open;
    await assembler.complete();
    const write = async (name: string, kind: NamedFile["kind"], description: string): Promise<void> => {
      const written = await assembler.write(join(store.folder, name), kind, description, signal);
      this.#rasters.push({ ...written, name, group, indexName, kind });
    };
    await write(valuesName(indexName, group), "values", `${indexName} ${group} ${plan.request.reduce.statistic}`);
    if (plan.request.count) await write(countName(indexName, group), "counts", `${indexName} ${group} count of valid observations`);
    await spool.remove();
    const picture = assembler.takePicture();
    image.open = undefined;
    if (quicklook && index === 0) this.#pictures.push(await writePicture(plan, store.folder, group, picture));
  }

  /** What the report says of each image. */
  groups(): readonly ReportGroup[] {
    return this.#images.map((image) => reportGroup(image, this.#input));
  }
}

function reportGroup({ group, index, indexName, statistics }: Image, { plan, engine }: ImagesInput): ReportGroup {
  const valid = statistics.filter((s) => s.validPixels > 0);
  const pixels = valid.reduce((sum, s) => sum + s.validPixels, 0);
  const present = (values: readonly (number | undefined)[]): readonly number[] => values.filter((value) => value !== undefined);
  const low = present(valid.map((s) => s.min));
  const high = present(valid.map((s) => s.max));
  // A difference over a sum of 0 is infinite, as in numpy; JSON has no such number.
  const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
  return {
    name: `${indexName}_${group}`,
    days: plan.groups.find((g) => g.name === group)?.days.length ?? 0,
    validObservations: statistics.reduce((sum, s) => sum + s.validObservations, 0),
    min: finite(low.reduce((a, b) => Math.min(a, b), Infinity)),
    mean: finite(valid.reduce((sum, s) => sum + s.sum, 0) / pixels),
    max: finite(high.reduce((a, b) => Math.max(a, b), -Infinity)),
    outsideValidRange: engine.counters.outsideValidRange.get(group)?.[index] ?? 0,
  };
}
