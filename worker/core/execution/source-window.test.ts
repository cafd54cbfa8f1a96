import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { geobox, jobRequest, jobSpec, scene, sourceRaster } from "../../../test/support/builders.ts";
import { intersectWindows, type Window } from "../grid/affine.ts";
import type { Geobox } from "../grid/geobox.ts";
import { latticeNodes } from "../grid/lattice.ts";
import { createSharedMemory } from "../kernels/kernels.ts";
import { createTypeScriptKernels } from "../kernels/typescript/index.ts";
import { planJob } from "../plan/plan.ts";
import { createArena } from "./arena.ts";
import { CoordinateGrid } from "./coordinate-grid.ts";
import { prepareRasters } from "./prepare-threads.ts";
import { latticeBounds, sourceWindow } from "./source-window.ts";
import type { ThreadRaster } from "./thread-job.ts";

const memory = createSharedMemory(1024);
const kernels = createTypeScriptKernels(memory);
const arena = createArena();
const allocate = (bytes: number) => arena.allocate(bytes);
const coordinates = new CoordinateGrid(kernels, memory, allocate);

const GRID = { x: 450_000, y: 6_000_000, size: 1024 };

/** An image under a grid of 1024 x 1024 pixels at 30 m in EPSG:32755, as threads see it, with what the lattices need. */
function prepared(box: Geobox, resampling = "average") {
  const region = { bounds: [GRID.x, GRID.y - 30 * GRID.size, GRID.x + 30 * GRID.size, GRID.y], crs: "EPSG:32755" };
  const plan = planJob(jobSpec({ region }), jobRequest({ resampling: { "*": resampling } }), [
    scene({ rasters: [sourceRaster({ box }), sourceRaster({ box })] }),
  ]);
  if (!plan.ok) return undefined;
  const { threadRasters, lattices } = prepareRasters(plan.value);
  return { raster: threadRasters[0]!, lattices, grid: plan.value.grid };
}

/** The blocks' part of the image that is loaded for a unit, and what the threads ask for in one strip of it. */
function loadedAndAsked(
  box: Geobox,
  unit: Window,
  strip: Window,
  resampling: string,
): readonly { readonly loaded: Window | undefined; readonly asked: Window | undefined }[] {
  const given = prepared(box, resampling);
  if (!given) return [];
  const { raster, lattices, grid } = given;
  const nodes = lattices.map(({ toSource, patch }) => latticeNodes(grid, toSource, patch, unit));
  const loaded = sourceWindow(raster, unit, nodes[raster.lattice] && latticeBounds(nodes[raster.lattice]!, unit));
  if (raster.sampling.type === "copy") return [{ loaded, asked: loaded }];
  if (raster.sampling.type === "shift" && !raster.filter) return [{ loaded, asked: shiftWindow(raster, strip) }];
  const addresses = nodes.map((n) => {
    const address = allocate(n.xs.length * 16);
    const values = new Float64Array(memory.buffer, address, n.xs.length * 2);
    n.xs.forEach((x, i) => values.set([x, n.ys[i]!], 2 * i));
    return { patch: n.patch, row0: n.row0, col0: n.col0, nodeCols: n.nodeCols, nodes: address };
  });
  const asked = (["corners", "centres"] as const).map((kind) => {
    coordinates.begin(strip);
    return coordinates.sourceWindow(raster, coordinates.of(raster, addresses, kind), strip);
  });
  addresses.forEach(({ nodes: address }, i) => arena.free(address, nodes[i]!.xs.length * 16));
  return asked.map((window) => ({ loaded, asked: window }));
}

/** One more row and column than output pixels: averageShift reads 2 x 2 for each. */
function shiftWindow({ sampling, height, width }: ThreadRaster, strip: Window): Window | undefined {
  if (sampling.type !== "shift") throw new Error("not a shift");
  const [dx, dy] = [Math.floor(sampling.x.offset), Math.floor(sampling.y.offset)];
  const asked = { row0: strip.row0 + dy, col0: strip.col0 + dx, row1: strip.row1 + dy + 1, col1: strip.col1 + dx + 1 };
  return intersectWindows(asked, { row0: 0, col0: 0, row1: height, col1: width });
}

function contains(outer: Window | undefined, inner: Window | undefined): boolean {
  if (!inner) return true;
  return (
    outer !== undefined && outer.row0 <= inner.row0 && outer.col0 <= inner.col0 && outer.row1 >= inner.row1 && outer.col1 >= inner.col1
  );
}

const offset = fc.oneof(
  fc.integer({ min: -40_000, max: 40_000 }),
  fc.integer({ min: -1000, max: 1000 }).map((pixels) => pixels * 30),
);
const unit = fc.tuple(fc.constantFrom(0, 512), fc.constantFrom(0, 512), fc.constantFrom(0, 64, 448)).map(([row0, col0, row]) => ({
  unit: { row0, col0, row1: row0 + 512, col1: col0 + 512 },
  strip: { row0: row0 + row, col0, row1: row0 + row + 64, col1: col0 + 512 },
}));

describe("what is loaded for a unit holds what its strips ask for", () => {
  it.each([
    ["from the grid's own resolution, shifted or not", { resolution: 30 }],
    ["from half the pixel size", { resolution: 15 }],
    ["from a third of it", { resolution: 10 }],
    ["from an odd one", { resolution: 23.7 }],
    ["from a coarser one", { resolution: 60 }],
    ["from the zone beside", { epsg: 32756, x: -90_000 }],
    ["from Albers", { epsg: 3577, x: 1_300_000, y: -4_025_000 }],
  ])("%s", (_name, place) => {
    fc.assert(
      fc.property(offset, offset, unit, fc.constantFrom("average", "bilinear", "cubic"), (dx, dy, { unit, strip }, resampling) => {
        const at = { x: GRID.x, y: GRID.y, resolution: 30, height: 2000, width: 2000, ...place };
        for (const { loaded, asked } of loadedAndAsked(geobox({ ...at, x: at.x + dx, y: at.y + dy }), unit, strip, resampling)) {
          if (!contains(loaded, asked)) throw new Error(`asked for ${JSON.stringify(asked)} of ${JSON.stringify(loaded)}`);
        }
      }),
      { numRuns: 90 },
    );
  });
});

describe("sourceWindow", () => {
  const whole = { row0: 0, col0: 0, row1: 512, col1: 512 };
  it.each([
    ["is the rectangle itself on one lattice", geobox({ ...GRID, height: 900, width: 900 }), whole],
    ["is cut by the image", geobox({ ...GRID, height: 100, width: 200 }), { row0: 0, col0: 0, row1: 100, col1: 200 }],
    [
      "is moved by what the image begins earlier",
      geobox({ x: GRID.x - 300, y: GRID.y + 600, height: 900, width: 900 }),
      { row0: 20, col0: 10, row1: 532, col1: 522 },
    ],
    [
      "is one more on each axis for a shift",
      geobox({ x: GRID.x - 15, y: GRID.y + 15, height: 900, width: 900 }),
      { row0: 0, col0: 0, row1: 513, col1: 513 },
    ],
    ["is none beside the image", geobox({ x: GRID.x + 30 * 600, y: GRID.y, height: 900, width: 900 }), undefined],
  ])("%s", (_name, box, want) => {
    expect(sourceWindow(prepared(box)!.raster, whole, undefined)).toEqual(want);
  });
});
