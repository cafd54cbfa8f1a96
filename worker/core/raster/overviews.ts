/** Stored overviews of an image: which directories of a file are some, where their pixels lie, and which one serves an output grid. */
import type { Geobox } from "../grid/geobox.ts";
import { sourceStep } from "../grid/source-step.ts";
import type { SourceRaster } from "./source-raster.ts";

/** A directory of a TIFF as far as it matters here. `kind`: NewSubfileType (TIFF 6.0), 0 where it has none. */
export type SubImage = { readonly kind: number; readonly height: number; readonly width: number };

const REDUCED = 1;
const MASK = 4;

/** More are never written: each halves the one before. */
export const MAX_OVERVIEWS = 32;

/** Whether a directory is an overview of the image in the first one: reduced, no mask, smaller and of its shape. */
export function isOverviewOf({ kind, height, width }: SubImage, image: Pick<Geobox, "height" | "width">): boolean {
  if ((kind & REDUCED) === 0 || (kind & MASK) !== 0 || !(height > 0 && width > 0)) return false;
  const [down, across] = [image.height / height, image.width / width];
  // Sides are rounded, up or down, so that a factor is known to one overview pixel.
  return down >= 1 && across >= 1 && height * width < image.height * image.width && Math.abs(image.height - across * height) <= 2 * across;
}

/** The overview's grid: the image's extent cut into fewer pixels, as GDAL sees it. */
export function overviewBox(image: Geobox, { height, width }: Pick<SubImage, "height" | "width">): Geobox {
  const [a, b, c, d, e, f] = image.affine;
  const [across, down] = [image.width / width, image.height / height];
  return { crs: image.crs, affine: [a * across, b * down, c, d * across, e * down, f], height, width };
}

/** How much coarser than the output an overview may be, in pixels of the image: noise, and what a change of CRS does to lengths. */
const NEARLY = 0.1;

/**
 * The image that `overviews: auto` reads: the coarsest overview that is finer than the output, or nearly as coarse; the image itself where there is
 * none. gdalwarp's rule for `-ovr AUTO` (gdalwarp_lib.cpp), which WarpedVRT and odc-stac have too, with the finer of the two axes.
 */
export function pickOverview(grid: Geobox, image: SourceRaster): SourceRaster {
  const finest = Math.min(...sourceStep(grid, image.box));
  const factor = ({ box }: SourceRaster): number => Math.max(image.box.width / box.width, image.box.height / box.height);
  const fine = (image.overviews ?? []).filter((overview) => factor(overview) < finest + NEARLY);
  return fine.reduce((best, overview) => (factor(overview) > factor(best) ? overview : best), image);
}
