/**
 * Builders for unit tests: a job's spec, scenes and their rasters, without files. Defaults are a Landsat 8 Collection 2 scene in
 * EPSG:32755 that lies over DESIGN's region; a test states only what it is about.
 */
import type { ComputeJobSpec } from "../../api/v1alpha1/compute-job.ts";
import { parseComputeJob } from "../../api/v1alpha1/parse.ts";
import type { Affine } from "../../worker/core/grid/affine.ts";
import { type Crs, crsOfEpsg } from "../../worker/core/grid/crs.ts";
import type { Geobox } from "../../worker/core/grid/geobox.ts";
import { compileRequest } from "../../worker/core/plan/compile-request.ts";
import type { JobRequest } from "../../worker/core/plan/request.ts";
import type { Scene } from "../../worker/core/plan/scene.ts";
import type { StacAsset, StacItem } from "../../worker/core/plan/stac-item.ts";
import type { BlockEncoding, BlockLayout, SourceRaster } from "../../worker/core/raster/source-raster.ts";
import { findProduct, type Product } from "../../worker/products/product.ts";

/** The one of a table that must be there. */
export function crs(epsg: number): Crs {
  const found = crsOfEpsg(epsg);
  if (!found) throw new Error(`No EPSG:${epsg}`);
  return found;
}

/** A parsed spec: NDVI of landsat-c2-l2 at 30 m in EPSG:32755 with the given fields instead. Throws on a spec that is wrong. */
export function jobSpec(fields: Readonly<Record<string, unknown>> = {}): ComputeJobSpec {
  const spec = { source: { items: "items.json" }, product: "landsat-c2-l2", grid: { crs: "EPSG:32755", resolution: 30 }, ...fields };
  const parsed = parseComputeJob(
    { apiVersion: "compute.mayfly.dev/v1alpha1", kind: "ComputeJob", metadata: { name: "test" }, spec },
    "command",
  );
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value.spec;
}

export function product(name = "landsat-c2-l2"): Product {
  const found = findProduct(name);
  if (!found.ok) throw new Error(JSON.stringify(found.problems));
  return found.value;
}

/** The compiled request of {@link jobSpec}. */
export function jobRequest(fields: Readonly<Record<string, unknown>> = {}): JobRequest {
  const compiled = compileRequest(jobSpec(fields), product());
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return compiled.value;
}

/** A geobox by its upper-left corner. Landsat's own: edges 15 m off the multiples of 30. */
export function geobox(
  options: { epsg?: number; x?: number; y?: number; resolution?: number; height?: number; width?: number } = {},
): Geobox {
  const { epsg = 32755, x = 399_885, y = 6_130_515, resolution = 30, height = 7000, width = 7000 } = options;
  const affine: Affine = [resolution, 0, x, 0, -resolution, y];
  return { crs: crs(epsg), affine, height, width };
}

export type RasterOptions = {
  readonly href?: string;
  readonly box?: Geobox;
  readonly encoding?: Partial<BlockEncoding>;
  readonly nodata?: number;
  /** Height and width of a block; strips where it is as wide as the image. */
  readonly block?: readonly [height: number, width: number];
  /** Stored bytes of block i; 0 = sparse. */
  readonly byteCount?: (block: number) => number;
};

/** One band: uint16, deflate, predictor 2, blocks of 512 x 512 one after the other from byte 1000 on. */
export function sourceRaster(options: RasterOptions = {}): SourceRaster {
  const { href = "/scenes/band.tif", box = geobox(), encoding = {}, nodata = 0, byteCount = () => 1000 } = options;
  const [height, width] = options.block ?? [512, 512];
  const [down, across] = [Math.ceil(box.height / height), Math.ceil(box.width / width)];
  const byteCounts = Float64Array.from({ length: down * across }, (_, block) => byteCount(block));
  const offsets = new Float64Array(down * across);
  let end = 1000;
  byteCounts.forEach((bytes, block) => {
    offsets[block] = bytes === 0 ? 0 : end;
    end += bytes;
  });
  const blocks: BlockLayout = { height, width, padded: across > 1 || width !== box.width, across, down, offsets, byteCounts };
  return {
    href,
    box,
    encoding: { compression: "deflate", predictor: 2, sampleType: "uint16", packing: "plain", jpeg: undefined, ...encoding },
    nodata,
    mask: undefined,
    blocks,
    file: { sizeBytes: end, version: "1" },
  };
}

/** A scene of red, nir08 and qa_pixel, or of the given rasters. */
export function scene(options: { id?: string; time?: string; box?: Geobox; rasters?: readonly SourceRaster[] } = {}): Scene {
  const { id = "LC08_091086_20210101", time = "2021-01-01T00:05:30Z", box = geobox() } = options;
  const rasters =
    options.rasters ??
    ["nir08", "red", "qa_pixel"].map((band) =>
      sourceRaster({ href: `/scenes/${id}_${band}.tif`, box, nodata: band === "qa_pixel" ? 1 : 0 }),
    );
  return { id, timeMs: Date.parse(time), rasters, self: undefined };
}

/** A STAC item whose assets lie in /scenes. */
export function stacItem(
  options: { id?: string; time?: string; platform?: string; assets?: Readonly<Record<string, Partial<StacAsset>>> } = {},
): StacItem {
  const { id = "LC08_091086_20210101", time = "2021-01-01T00:05:30Z", assets = { red: {}, nir08: {}, qa_pixel: {} } } = options;
  const entries = Object.entries(assets).map(([key, asset]): [string, StacAsset] => {
    const { href = `/scenes/${id}_${key}.tif`, nodata, scale, offset, commonName, s3, requesterPays = false, needsLogin = false } = asset;
    return [key, { href, nodata, scale, offset, commonName, s3, requesterPays, needsLogin }];
  });
  const { platform } = options;
  return {
    id,
    collection: "landsat-c2l2-sr",
    platform,
    timeMs: Date.parse(time),
    assets: new Map(entries),
    otherAssets: [],
    self: undefined,
  };
}
