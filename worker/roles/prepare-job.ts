/** From a manifest to a plan: items, headers, grid. What `mayfly plan` and `mayfly run` begin with. */
import { dirname, resolve } from "node:path";
import type { ComputeJob } from "../../api/v1alpha1/compute-job.ts";
import type { Result } from "../../api/v1alpha1/problem.ts";
import { timeBoundsMs } from "../../api/v1alpha1/time.ts";
import { mapConcurrently } from "../../runtime/concurrency.ts";
import { RequestError } from "../../runtime/errors.ts";
import { compileRequest, type ProductProfile } from "../core/plan/compile-request.ts";
import { jobHash } from "../core/plan/job-hash.ts";
import { type Plan, planJob } from "../core/plan/plan.ts";
import type { JobRequest } from "../core/plan/request.ts";
import type { Scene } from "../core/plan/scene.ts";
import { type SelectedItem, selectAssets } from "../core/plan/select-assets.ts";
import { readRaster } from "../io/cog/read-raster.ts";
import type { ByteSource } from "../io/source/byte-source.ts";
import { readItemCollection } from "../io/stac/read-items.ts";
import { findProduct, productOfTable } from "../products/product.ts";

/** Headers read at a time: enough to hide a disk's latency, few enough for any limit on open files. */
const HEADERS_AT_ONCE = 16;

export type PreparedJob = { readonly plan: Plan; readonly hash: string; readonly product: ProductProfile };

/** Plans a job whose manifest lies at `path`; throws RequestError or SourceError. */
export async function prepareJob(job: ComputeJob, path: string, source: ByteSource, signal: AbortSignal): Promise<PreparedJob> {
  const { spec } = job;
  const product = spec.productTable ? productOfTable(spec.productTable) : valueOf(findProduct(spec.product ?? ""));
  const request = valueOf(compileRequest(spec, product));
  if (spec.source.items === undefined || /^(https?|s3):/.test(spec.source.items)) {
    const where = spec.source.items === undefined ? "spec.source.stac" : "spec.source.items";
    throw new RequestError([
      {
        what: "items from the network are not supported yet",
        where,
        todo: "give the path of a local STAC ItemCollection in spec.source.items",
      },
    ]);
  }
  const itemsPath = resolve(dirname(path), spec.source.items);
  const items = await readItemCollection(itemsPath);
  const selected = valueOf(selectAssets(items, timeBoundsMs(spec.time), request, itemsPath));
  const scenes = await readScenes(selected, request, source, signal);
  const plan = valueOf(planJob(spec, request, scenes));
  return { plan, hash: jobHash(spec, product, plan.scenes), product };
}

/** The value of a step, or its problems as the error that ends the command. */
function valueOf<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new RequestError(result.problems);
}

async function readScenes(
  selected: readonly SelectedItem[],
  request: JobRequest,
  source: ByteSource,
  signal: AbortSignal,
): Promise<readonly Scene[]> {
  const bands = request.bands.length;
  const hrefs = selected.flatMap(({ assets }) => assets.map(({ href }) => href));
  const rasters = await mapConcurrently(hrefs, HEADERS_AT_ONCE, (href) => readRaster(source, href, signal));
  const scenes = selected.map(({ item }, i): Scene => ({
    id: item.id,
    timeMs: item.timeMs,
    rasters: rasters.slice(i * bands, (i + 1) * bands),
    self: item.self,
  }));
  const wide = scenes.flatMap((scene) =>
    request.bands
      .filter(
        (band, b) => band.type === "flags" && !["uint8", "int8", "uint16", "int16"].includes(scene.rasters[b]?.encoding.sampleType ?? ""),
      )
      .map((band) => [scene, band] as const),
  );
  if (wide.length === 0) return scenes;
  throw new RequestError(
    wide.map(([scene, band]) => ({
      what: `flag band ${band.name} is not of 8 or 16 bits`,
      where: `item ${scene.id}`,
      todo: "name the right asset",
    })),
  );
}
