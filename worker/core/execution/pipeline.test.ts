import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { geobox, jobRequest, jobSpec, scene, sourceRaster } from "../../../test/support/builders.ts";
import { seededRandom } from "../../../test/support/kernel-pair.ts";
import { drivePipeline, type PipelineRecord } from "../../../test/support/pipeline-driver.ts";
import { intersectWindows, type Window } from "../grid/affine.ts";
import { latticeNodes } from "../grid/lattice.ts";
import { type Plan, planJob } from "../plan/plan.ts";
import type { Scene } from "../plan/scene.ts";
import { decodedBytes, type SourceRaster } from "../raster/source-raster.ts";
import { accumulatorLayout, blockBytes, blocksAtOnce } from "./accumulators.ts";
import { prepareRasters } from "./prepare-threads.ts";
import { slabSequence } from "./slabs.ts";
import { latticeBounds, sourceWindow } from "./source-window.ts";

/** Scenes of `days` days, one or two a day, on lattices that are copied, shifted by half a pixel, or in the zone beside. */
const job = fc.record({
  days: fc.integer({ min: 1, max: 5 }),
  height: fc.integer({ min: 1, max: 1300 }),
  width: fc.integer({ min: 1, max: 1300 }),
  chunk: fc.constantFrom(300, 600, 5000),
  by: fc.constantFrom("all", "month"),
  statistic: fc.constantFrom("mean", "median", "count", "std"),
  block: fc.constantFrom<(readonly [number, number])[]>([256, 256], [512, 512], [200, 900]),
  budget: fc.constantFrom(0, 1_000_000, 5_000_000, 1e9),
  stackBudget: fc.constantFrom(0, 10_000_000, 40_000_000, 1e9),
  readAhead: fc.constantFrom(0, 500_000, 3_000_000, 1e9),
  joinGap: fc.constantFrom(0, 5000),
  /** Share of blocks that have no bytes. */
  sparse: fc.constantFrom(0, 0.3, 1),
  seed: fc.integer(),
});
type Job = typeof job extends fc.Arbitrary<infer T> ? T : never;

const [X, Y] = [450_000, 6_000_000];

function scenesOf({ days, block, sparse, seed }: Job): readonly Scene[] {
  const random = seededRandom(seed);
  return Array.from({ length: days }, (_, day) =>
    Array.from({ length: random() < 0.4 ? 2 : 1 }, (_, row) => {
      const [off, kind] = [() => Math.round((random() - 0.5) * 500) * 30, random()];
      const at = { x: X + off() + (kind < 0.4 ? 15 : 0), y: Y + off() + (kind < 0.2 ? 15 : 0), height: 900, width: 900 };
      const box = geobox(kind > 0.85 ? { ...at, epsg: 32756, x: -90_000 + off() } : at);
      const band = () =>
        sourceRaster({
          box,
          block,
          byteCount: () => (random() < sparse ? 0 : Math.floor(random() * 300_000) + 1),
        });
      // 20 days apart, so that months begin between them; the second scene of a day follows at once.
      const time = new Date(Date.UTC(2021, 0, 1 + 20 * day, 0, 5, row * 24)).toISOString();
      return scene({ id: `${day}-${row}`, time, rasters: [band(), band()] });
    }),
  ).flat();
}

/** Undefined where no scene touches the grid. */
function planOf(given: Job): Plan | undefined {
  const region = { bounds: [X, Y - 30 * given.height, X + 30 * given.width, Y], crs: "EPSG:32755" };
  const fields = {
    region,
    chunks: { time: 1, height: given.chunk, width: given.chunk },
    reduce: { by: given.by, statistic: given.statistic },
  };
  const plan = planJob(jobSpec(fields), jobRequest({ reduce: fields.reduce }), scenesOf(given));
  return plan.ok ? plan.value : undefined;
}

function run(plan: Plan, given: Job, side?: number): PipelineRecord {
  const { rasters, threadRasters, lattices, unitSide } = prepareRasters(plan);
  const random = seededRandom(given.seed + 1);
  const latticesOf = (tile: Parameters<typeof latticeNodes>[3]) =>
    lattices.map(({ toSource, patch }) => {
      const nodes = latticeNodes(plan.grid, toSource, patch, tile);
      return { nodes, address: { patch, row0: nodes.row0, col0: nodes.col0, nodeCols: nodes.nodeCols, nodes: 8 } };
    });
  const input = {
    plan,
    rasters,
    threadRasters,
    unitSide: side ?? unitSide,
    stackBudgetBytes: given.stackBudget,
    decodedBudgetBytes: given.budget,
    readAheadBytes: given.readAhead,
    joinRule: { joinGapBytes: given.joinGap, maxLoadBytes: 1024 * 1024 },
    latticesOf,
  };
  return drivePipeline(input, (n) => Math.floor(random() * n));
}

/** What must be computed: the units that a scene of the day reaches. Only for images in the grid's own CRS. */
function wantedUnits(plan: Plan, side: number): readonly string[] {
  return [...slabSequence(plan.reductions, side)].flatMap(({ reduction, day, units }) => {
    const boxes = plan.reductions[reduction]!.group.days[day]!.scenes.map(({ rasters }) => rasters[0]!.box);
    return units
      .filter((unit) =>
        boxes.some(({ affine: [, , x, , , y], height, width }) => {
          const [col, row] = [(X - x) / 30, (y - Y) / 30];
          return unit.col1 + col > 0 && unit.col0 + col < width && unit.row1 + row > 0 && unit.row0 + row < height;
        }),
      )
      .map((unit) => `${reduction} ${day} ${unit.row0},${unit.col0}`);
  });
}

type Bytes = { readonly decoded: number; readonly stored: number };

/** Bytes of the blocks that the largest slab needs, and decoded bytes of those that more than one slab needs; a small stack budget makes slabs small. */
function largestSlab(plan: Plan, stackBudget: number): Bytes & { readonly shared: number } {
  const layout = accumulatorLayout(plan.request.reduce.statistic, plan.request.indices.length);
  const { rasters, threadRasters, lattices, unitSide } = prepareRasters(plan);
  const bands = plan.request.bands.length;
  const users = new Map<string, { readonly bytes: number; count: number }>();
  const sizes = [...slabSequence(plan.reductions, unitSide, (days) => blocksAtOnce(layout, days, stackBudget))].map(
    ({ reduction, day, units }) => {
      const blocks = new Map<string, Bytes>();
      const ids = plan.reductions[reduction]!.group.days[day]!.scenes.flatMap((scene) =>
        [0, 1].map((band) => plan.scenes.indexOf(scene) * bands + band),
      );
      for (const unit of units) {
        const bounds = lattices.map(({ toSource, patch }) => latticeBounds(latticeNodes(plan.grid, toSource, patch, unit), unit));
        for (const id of ids)
          for (const [block, bytes] of blocksIn(rasters[id]!, sourceWindow(threadRasters[id]!, unit, bounds[threadRasters[id]!.lattice])))
            blocks.set(`${id} ${block}`, bytes);
      }
      for (const [key, { decoded }] of blocks) users.set(key, { bytes: decoded, count: 1 + (users.get(key)?.count ?? 0) });
      const sum = (kind: keyof Bytes): number => [...blocks.values()].reduce((total, bytes) => total + bytes[kind], 0);
      return { decoded: sum("decoded"), stored: sum("stored") };
    },
  );
  const shared = [...users.values()].reduce((sum, { bytes, count }) => sum + (count > 1 ? bytes : 0), 0);
  return { decoded: Math.max(...sizes.map((size) => size.decoded)), stored: Math.max(...sizes.map((size) => size.stored)), shared };
}

function blocksIn(raster: SourceRaster, window: Window | undefined): readonly (readonly [block: number, bytes: Bytes])[] {
  const { height, width, across, byteCounts } = raster.blocks;
  return Array.from(byteCounts, (count, block): readonly [number, Bytes] => [
    block,
    { decoded: count === 0 ? 0 : decodedBytes(raster, block), stored: count },
  ]).filter(([block]) => {
    const [row0, col0] = [Math.floor(block / across) * height, (block % across) * width];
    return window && intersectWindows(window, { row0, col0, row1: row0 + height, col1: col0 + width });
  });
}

const base: Job = {
  days: 3,
  height: 1100,
  width: 1100,
  chunk: 5000,
  by: "all",
  statistic: "mean",
  block: [512, 512],
  budget: 1e9,
  stackBudget: 1e9,
  readAhead: 1e9,
  joinGap: 0,
  sparse: 0,
  seed: 4,
};

describe("Pipeline", () => {
  it("brings any plan to its end in any order of answers, and gives all memory back", () => {
    let computed = 0;
    fc.assert(
      fc.property(job, (given) => {
        const plan = planOf(given);
        if (!plan) return;
        const record = run(plan, given);
        computed += record.computed.length;
        expect(new Set(record.computed).size).toBe(record.computed.length);
        const blocks = plan.reductions.flatMap(({ tile }, i) => {
          const n = Math.ceil((tile.row1 - tile.row0) / 512) * Math.ceil((tile.col1 - tile.col0) / 512);
          return Array.from({ length: n }, (_, block) => `${i} ${block}`);
        });
        expect(record.finished.toSorted()).toEqual(blocks.toSorted());
        expect(record.arena.allocatedBytes).toBe(0);
      }),
      { numRuns: 60 },
    );
    expect(computed).toBeGreaterThan(100);
  }, 30_000);

  it("computes exactly the units that a scene reaches, each once a day", () => {
    fc.assert(
      fc.property(job, fc.constantFrom(128, 512), (given, side) => {
        const plan = planOf(given);
        if (!plan || plan.scenes.some(({ rasters }) => rasters[0]!.box.crs.epsg !== 32755)) return;
        expect(run(plan, given, side).computed.toSorted()).toEqual([...wantedUnits(plan, side)].toSorted());
      }),
      { numRuns: 40 },
    );
  }, 30_000);

  it("holds no more source blocks than the budget, or than one slab and what others share where that is more", () => {
    fc.assert(
      fc.property(job, (given) => {
        const plan = planOf(given);
        if (!plan) return;
        const [record, largest] = [run(plan, given), largestSlab(plan, given.stackBudget)];
        // What a slab ahead needs too is kept when the one that brought it is done.
        expect(record.mostDecodedBytes).toBeLessThanOrEqual(Math.max(given.budget, largest.decoded + largest.shared));
        expect(record.mostStoredBytes).toBeLessThanOrEqual(Math.max(given.readAhead, largest.stored));
      }),
      { numRuns: 30 },
    );
  }, 30_000);

  it("holds no more stacks than their budget, or than one block's where that is more, and sums of any number", () => {
    let bounded = 0;
    fc.assert(
      fc.property(job, (given) => {
        const plan = planOf({ ...given, statistic: "median" });
        if (!plan) return;
        const days = plan.groups.reduce((most, group) => Math.max(most, group.days.length), 0);
        const bytes = blockBytes(accumulatorLayout("median", 1), days);
        const { mostBlocksOpen } = run(plan, given);
        expect(mostBlocksOpen).toBeLessThanOrEqual(Math.max(1, given.stackBudget / blockBytes(accumulatorLayout("median", 1), 1)));
        if (mostBlocksOpen > 1 && plan.groups.length === 1) expect(mostBlocksOpen * bytes).toBeLessThanOrEqual(given.stackBudget);
        if (given.stackBudget < 1e9) bounded++;
      }),
      { numRuns: 40 },
    );
    expect(bounded).toBeGreaterThan(5);
    const plan = planOf(base);
    if (!plan) throw new Error("no plan");
    expect(run(plan, { ...base, stackBudget: 0 }).mostBlocksOpen).toBeGreaterThan(1);
  }, 30_000);
  it("fetches ahead of what is decoded, as far as the one budget goes while the other is full", () => {
    const plan = planOf({ ...base, days: 5 });
    if (!plan) throw new Error("no plan");
    const [near, far] = [0 as const, 1e9 as const].map((readAhead) => run(plan, { ...base, budget: 0, readAhead }));
    expect(near?.mostStoredBytes).toBeLessThanOrEqual(largestSlab(plan, base.stackBudget).stored);
    expect(far?.mostStoredBytes).toBeGreaterThan(3 * largestSlab(plan, base.stackBudget).stored);
  });

  it("joins neighbouring blocks of a file into one request, up to the gap and to 1 MiB", () => {
    fc.assert(
      fc.property(job, (given) => {
        const plan = planOf(given);
        if (!plan) return;
        const { rasters } = prepareRasters(plan);
        for (const { raster, blocks, length, offset } of run(plan, given).loads) {
          const { offsets, byteCounts } = rasters[raster]!.blocks;
          const spans = blocks.map((block) => [offsets[block]!, offsets[block]! + byteCounts[block]!] as const);
          spans.slice(1).forEach(([start], i) => expect(start - spans[i]![1]).toBeLessThanOrEqual(given.joinGap));
          expect(blocks.length === 1 || length <= 1024 * 1024).toBe(true);
          expect(offset).toBeGreaterThanOrEqual(1000);
        }
      }),
      { numRuns: 20 },
    );
  }, 30_000);

  it("reads a block once that two slabs of one day need", () => {
    const plan = planOf({ ...base, days: 1, block: [200, 900] });
    if (!plan) throw new Error("no plan");
    const read = run(plan, base).loads.flatMap(({ raster, blocks }) => blocks.map((block) => `${raster} ${block}`));
    expect(new Set(read).size).toBe(read.length);
  });

  it("reads nothing where no block has bytes, and computes all the same", () => {
    const plan = planOf({ ...base, sparse: 1 });
    if (!plan) throw new Error("no plan");
    const record = run(plan, base);
    expect(record.loads).toEqual([]);
    expect(record.computed.length).toBeGreaterThan(0);
  });
});
