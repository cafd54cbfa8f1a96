/** From the plan to what the kernel threads must know: how each raster is sampled, and the lattices that the curvilinear ones share. */
import { intersectWindows, isAxisAligned, pixelToCrs, type Window } from "../grid/affine.ts";
import { createPointTransform, type PointTransform, unwrapLongitude, WGS84 } from "../grid/crs.ts";
import type { Geobox } from "../grid/geobox.ts";
import { choosePatch } from "../grid/lattice.ts";
import { boundsOf, type Point } from "../grid/outline.ts";
import { chooseSampling } from "../grid/sampling.ts";
import { type FilterShape, filterShape, sourceStep } from "../grid/source-step.ts";
import type { Plan } from "../plan/plan.ts";
import type { Band } from "../plan/request.ts";
import type { SourceRaster } from "../raster/source-raster.ts";
import { unitSide } from "./slabs.ts";
import type { ThreadBand, ThreadRaster } from "./thread-job.ts";

/** A lattice: from the output grid's CRS to the units its nodes are in. */
export type Lattice = {
  readonly toSource: PointTransform;
  readonly patch: number;
  /** Holds all that its images cover of the grid: tiles beside it need no nodes. */
  readonly window: Window;
};

export type Preparation = {
  /** Id = scene * bands + band; then the masks of those that have one. */
  readonly rasters: readonly SourceRaster[];
  readonly threadRasters: readonly ThreadRaster[];
  readonly lattices: readonly Lattice[];
  readonly unitSide: number;
};

export function prepareRasters(plan: Plan): Preparation {
  const kinds: LatticeKind[] = [];
  const idsByKey = new Map<string, number>();
  const rasters = plan.scenes.flatMap((scene) => scene.rasters);
  let finest = Infinity;
  const threadRasters = plan.scenes.flatMap((scene) =>
    scene.rasters.map((raster, b): ThreadRaster => {
      const sampling = chooseSampling(plan.grid, raster.box);
      const lattice = sampling.type === "curvilinear" ? latticeId(raster) : -1;
      finest = Math.min(finest, pixelSize(raster));
      const [a, , c, , e, f] = raster.box.affine;
      const aligned = isAxisAligned(raster.box.affine);
      return {
        height: raster.box.height,
        width: raster.box.width,
        encoding: raster.encoding,
        blockHeight: raster.blocks.height,
        blockWidth: raster.blocks.width,
        sampling,
        lattice,
        originXY: aligned ? [c, f] : [0, 0],
        perXY: aligned ? [1 / a, 1 / e] : [1, 1],
        filter: filterOf(plan, raster, b),
        nodata: plan.request.bands[b]?.nodata ?? raster.nodata,
        fill: raster.nodata ?? 0,
      };
    }),
  );
  // A mask is read where its raster is, so that it needs no sampling of its own.
  const masks = rasters.flatMap(({ mask }, id): ThreadRaster[] => {
    const of = threadRasters[id];
    if (!mask || !of) return [];
    return [{ ...of, encoding: mask.encoding, blockHeight: mask.blocks.height, blockWidth: mask.blocks.width, nodata: undefined, fill: 0 }];
  });
  return {
    rasters: [...rasters, ...rasters.flatMap(({ mask }) => (mask ? [mask] : []))],
    threadRasters: [...threadRasters, ...masks],
    lattices: kinds.map((kind) => latticeOf(plan.grid, kind)),
    unitSide: unitSide(gridPixelIn(rasters[0], plan) / finest),
  };

  /** Images of one CRS share a lattice in its units; a rotated image has one of its own, in its pixels. */
  function latticeId(raster: SourceRaster): number {
    const { crs, affine } = raster.box;
    const aligned = isAxisAligned(affine);
    const middle = middleLongitude(raster.box);
    const key = aligned ? `${crs.id} ${middle}` : `${crs.id} ${affine.join(" ")}`;
    const id = idsByKey.get(key) ?? kinds.push({ aligned, middle, rasters: [] }) - 1;
    idsByKey.set(key, id);
    kinds[id]?.rasters.push(raster);
    return id;
  }
}

/** The images that share a lattice. `middle`: for those in longitudes, what the longitudes are counted from. */
type LatticeKind = { readonly aligned: boolean; readonly middle: number | undefined; readonly rasters: SourceRaster[] };

function latticeOf(grid: Geobox, { aligned, middle, rasters }: LatticeKind): Lattice {
  const [first] = rasters;
  if (!first) throw new Error("A lattice without images");
  const toCrs = unwrapped(createPointTransform(grid.crs, first.box.crs), middle);
  const toSource = aligned ? toCrs : composeInverse(toCrs, first);
  const finest = aligned ? rasters.reduce((least, raster) => Math.min(least, pixelSize(raster)), Infinity) : 1;
  const window = coveredWindow(grid, rasters);
  const places = middle === undefined ? [] : polesOn(grid);
  return { toSource, window, patch: choosePatch(grid, toSource, finest, { places, window }) };
}

/** Points on each side of an image that tell where it lies on the grid, near enough to sample it. */
const POINTS_PER_SIDE = 8;

/**
 * The part of the grid that images lie on, and a fifth around it for edges that bend: how a lattice does elsewhere does not matter, be it half a
 * world away. The whole grid where an image holds a pole, or reaches off the map.
 */
function coveredWindow(grid: Geobox, rasters: readonly SourceRaster[]): Window {
  const whole = { row0: 0, col0: 0, row1: grid.height, col1: grid.width };
  if (rasters.some(({ box }) => polesOn(box).length > 0)) return whole;
  const [a, , c, , e, f] = grid.affine;
  const points = rasters.flatMap(({ box }) => {
    const toGrid = createPointTransform(box.crs, grid.crs);
    return ringPoints(box).map(([col, row]): Point => {
      const [x, y] = toGrid(...pixelToCrs(box.affine, col, row));
      return [(x - c) / a, (y - f) / e];
    });
  });
  const bounds = boundsOf(points);
  if (!bounds || !points.every(([col, row]) => Number.isFinite(col) && Number.isFinite(row))) return whole;
  const { xmin, xmax, ymin, ymax } = bounds;
  const [wide, high] = [64 + (xmax - xmin) / 5, 64 + (ymax - ymin) / 5];
  const covered = {
    row0: Math.floor(ymin - high),
    col0: Math.floor(xmin - wide),
    row1: Math.ceil(ymax + high),
    col1: Math.ceil(xmax + wide),
  };
  return intersectWindows(covered, whole) ?? whole;
}

function ringPoints({ height, width }: Geobox): readonly Point[] {
  return Array.from({ length: POINTS_PER_SIDE }, (_, k): readonly Point[] => {
    const t = k / POINTS_PER_SIDE;
    return [
      [t * width, 0],
      [width, t * height],
      [(1 - t) * width, height],
      [0, (1 - t) * height],
    ];
  }).flat();
}

/** Where on the grid a pole lies: around it longitudes turn, and no interpolation follows them far. */
function polesOn(grid: Geobox): readonly Point[] {
  const toGrid = createPointTransform(WGS84, grid.crs);
  const [a, , c, , e, f] = grid.affine;
  return [90, -90]
    .map((latitude) => toGrid(0, latitude))
    .map(([x, y]): Point => [(x - c) / a, (y - f) / e])
    .filter(([col, row]) => col >= 0 && col <= grid.width && row >= 0 && row <= grid.height);
}

/** For an image in longitudes, the whole ten degrees nearest to its middle, so that images beside each other share a lattice. */
function middleLongitude({ crs, affine, width, height }: SourceRaster["box"]): number | undefined {
  if (crs.type !== "geographic") return undefined;
  return Math.round(pixelToCrs(affine, width / 2, height / 2)[0] / 10) * 10;
}

/** Longitudes without a jump but on the far side of the Earth from `middle`, so that what lies across the antimeridian stays beside it. */
function unwrapped(transform: PointTransform, middle: number | undefined): PointTransform {
  if (middle === undefined) return transform;
  return (x, y) => {
    const [longitude, latitude] = transform(x, y);
    return [unwrapLongitude(longitude, middle), latitude];
  };
}

function filterOf(plan: Plan, raster: SourceRaster, b: number): FilterShape | undefined {
  const band = plan.request.bands[b];
  if (band?.type !== "measurement" || (band.resampling !== "bilinear" && band.resampling !== "cubic")) return undefined;
  return filterShape(sourceStep(plan.grid, raster.box), band.resampling === "cubic" ? 2 : 1);
}

/** The shorter side of a pixel, in units of the raster's CRS. */
function pixelSize({ box }: SourceRaster): number {
  const [a, b, , d, e] = box.affine;
  return Math.min(Math.hypot(a, d), Math.hypot(b, e));
}

/** The longer side of an output pixel at the grid's centre, in units of a raster's CRS. */
function gridPixelIn(raster: SourceRaster | undefined, plan: Plan): number {
  if (!raster) return 1;
  const { grid } = plan;
  const [a, , c, , e, f] = grid.affine;
  const transform = createPointTransform(grid.crs, raster.box.crs);
  const [x, y] = [c + (a * grid.width) / 2, f + (e * grid.height) / 2];
  const [p, q, r] = [transform(x, y), transform(x + a, y), transform(x, y + e)];
  const size = Math.max(Math.hypot(q[0] - p[0], q[1] - p[1]), Math.hypot(r[0] - p[0], r[1] - p[1]));
  return Number.isFinite(size) ? size : Math.abs(a);
}

function composeInverse(toCrs: PointTransform, raster: SourceRaster): PointTransform {
  const [a, b, c, d, e, f] = raster.box.affine;
  const determinant = a * e - b * d;
  return (x, y) => {
    const [u, v] = toCrs(x, y);
    return [(e * (u - c) - b * (v - f)) / determinant, (a * (v - f) - d * (u - c)) / determinant];
  };
}

/** The bands for the threads; `keepAddress` gives where a flag band's table was put. */
export function threadBands(bands: readonly Band[], keepAddress: (keep: Uint8Array) => number): readonly ThreadBand[] {
  return bands.map((band): ThreadBand => {
    if (band.type === "flags") return { type: "flags", keep: keepAddress(band.keep) };
    const { min, max } = band.validRange ?? { min: -Infinity, max: Infinity };
    const { scale, offset, keepRange, resampling } = band;
    return { type: "measurement", resampling, scale, offset, low: min, high: max, keep: keepRange };
  });
}
