/** From the plan to what the kernel threads must know: how each raster is sampled, and the lattices that the curvilinear ones share. */
import { isAxisAligned } from "../grid/affine.ts";
import { createPointTransform, type PointTransform } from "../grid/crs.ts";
import { choosePatch } from "../grid/lattice.ts";
import { chooseSampling } from "../grid/sampling.ts";
import type { Plan } from "../plan/plan.ts";
import type { Band } from "../plan/request.ts";
import type { SourceRaster } from "../raster/source-raster.ts";
import { unitSide } from "./slabs.ts";
import type { ThreadBand, ThreadRaster } from "./thread-job.ts";

/** A lattice: from the output grid's CRS to the units its nodes are in. */
export type Lattice = { readonly toSource: PointTransform; readonly patch: number };

export type Preparation = {
  /** Id = scene * bands + band; then the masks of those that have one. */
  readonly rasters: readonly SourceRaster[];
  readonly threadRasters: readonly ThreadRaster[];
  readonly lattices: readonly Lattice[];
  readonly unitSide: number;
};

export function prepareRasters(plan: Plan): Preparation {
  const lattices: Lattice[] = [];
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
    lattices,
    unitSide: unitSide(gridPixelIn(rasters[0], plan) / finest),
  };

  /** Images of one CRS share a lattice in its units; a rotated image has one of its own, in its pixels. */
  function latticeId(raster: SourceRaster): number {
    const { crs, affine } = raster.box;
    const aligned = isAxisAligned(affine);
    const key = aligned ? `EPSG:${crs.epsg}` : `EPSG:${crs.epsg} ${affine.join(" ")}`;
    const known = idsByKey.get(key);
    if (known !== undefined) return known;
    const toCrs = createPointTransform(plan.grid.crs, crs);
    const toSource = aligned ? toCrs : composeInverse(toCrs, raster);
    lattices.push({ toSource, patch: choosePatch(plan.grid, toSource, aligned ? finestIn(crs.epsg) : 1) });
    idsByKey.set(key, lattices.length - 1);
    return lattices.length - 1;
  }

  function finestIn(epsg: number): number {
    return rasters.filter((raster) => raster.box.crs.epsg === epsg).reduce((least, raster) => Math.min(least, pixelSize(raster)), Infinity);
  }
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
    const { scale, offset, keepRange } = band;
    return { type: "measurement", average: band.resampling === "average", scale, offset, low: min, high: max, keep: keepRange };
  });
}
