/** From a manifest to a plan: items, headers, grid. What `mayfly plan` and `mayfly run` begin with. */
import { dirname, resolve } from "node:path";
import type { ComputeJob } from "../../api/v1alpha1/compute-job.ts";
import type { Result } from "../../api/v1alpha1/problem.ts";
import { mapConcurrently } from "../../runtime/concurrency.ts";
import { RequestError, SourceError } from "../../runtime/errors.ts";
import { bareUrl } from "../../runtime/redact-url.ts";
import { compileRequest, type ProductProfile } from "../core/plan/compile-request.ts";
import { jobHash } from "../core/plan/job-hash.ts";
import { type Plan, planJob } from "../core/plan/plan.ts";
import type { JobRequest } from "../core/plan/request.ts";
import type { Scene } from "../core/plan/scene.ts";
import type { SelectedItem } from "../core/plan/select-assets.ts";
import { readRaster } from "../io/cog/read-raster.ts";
import type { ByteSource } from "../io/source/byte-source.ts";
import { isRemote } from "../io/stac/resolve-href.ts";
import { findProduct, productOfTable } from "../products/product.ts";
import { type Finding, findItems } from "./find-items.ts";

/** Headers read at a time: few enough for any limit on open files; over a network the source has a limit of its own. */
const HEADERS_AT_ONCE = 64;

/** A scene that is left out because it cannot be read; `reason` without what may be secret. */
export type SkippedScene = { readonly id: string; readonly reason: string };

export type PreparedJob = {
  readonly plan: Plan;
  /** The job as it was understood, the same job wherever its manifest lies: a local item list by its absolute path, `utm` by its EPSG code. */
  readonly resolved: ComputeJob;
  /** Paths of what it reads on this machine: manifest, item list, files. */
  readonly inputs: readonly string[];
  /** Of the scenes that take part: a scene that is skipped is none of them. */
  readonly hash: string;
  readonly product: ProductProfile;
  readonly finding: Finding;
  readonly skippedScenes: readonly SkippedScene[];
  /** The same job without these scenes of it too; throws RequestError where there is none without them. */
  without(scenes: readonly SkippedScene[]): PreparedJob;
};

/** Plans a job whose manifest lies at `path`; throws RequestError or SourceError. */
export async function prepareJob(job: ComputeJob, path: string, source: ByteSource, signal: AbortSignal): Promise<PreparedJob> {
  const { spec } = job;
  const product = spec.productTable ? productOfTable(spec.productTable) : valueOf(findProduct(spec.product ?? ""));
  const request = valueOf(compileRequest(spec, product));
  const { selected, finding } = valueOf(await findItems({ job, path, request, product, source, signal }));
  const reading = { source, signal, onError: spec.source.onError ?? "fail", overviews: spec.grid.overviews === "auto" };
  const { scenes, skippedScenes } = await readScenes(selected, request, reading);
  const inputs = [
    path,
    ...localItems(spec.source.items, path),
    ...selected.flatMap(({ hrefs }) => hrefs.filter((href) => !isRemote(href))),
  ];
  const planned = (taking: readonly Scene[], skipped: readonly SkippedScene[]): PreparedJob => {
    const plan = valueOf(planJob(spec, request, taking));
    const without = (more: readonly SkippedScene[]): PreparedJob => {
      const ids = new Set(more.map(({ id }) => id));
      return planned(
        taking.filter(({ id }) => !ids.has(id)),
        [...skipped, ...more],
      );
    };
    const resolved = resolveJob(job, path, plan);
    const hash = jobHash(resolved.spec, product, plan);
    return { plan, resolved, inputs, hash, product, finding, skippedScenes: skipped, without };
  };
  return planned(scenes, skippedScenes);
}

/** The absolute path of an item list on this machine: a path in the manifest at `path` is relative to its folder. */
function localItems(items: string | undefined, path: string): readonly string[] {
  return items === undefined || isRemote(items) ? [] : [resolve(dirname(path), items)];
}

function resolveJob(job: ComputeJob, path: string, { grid }: Plan): ComputeJob {
  const { spec } = job;
  const [items] = localItems(spec.source.items, path);
  // How one gets in is no part of where the list was.
  const listed = items ?? (spec.source.items === undefined ? undefined : bareUrl(spec.source.items));
  const source = listed === undefined ? spec.source : { ...spec.source, items: listed };
  const crs = spec.grid.crs === "utm" ? grid.crs.id : spec.grid.crs;
  return { ...job, spec: { ...spec, source, grid: { ...spec.grid, crs } } };
}

/** The value of a step, or its problems as the error that ends the command. */
function valueOf<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new RequestError(result.problems);
}

type Reading = {
  readonly source: ByteSource;
  readonly signal: AbortSignal;
  readonly onError: "fail" | "skip";
  readonly overviews: boolean;
};

async function readScenes(
  selected: readonly SelectedItem[],
  request: JobRequest,
  { source, signal, onError, overviews }: Reading,
): Promise<{ readonly scenes: readonly Scene[]; readonly skippedScenes: readonly SkippedScene[] }> {
  const bands = request.bands.length;
  const hrefs = selected.flatMap((item) => item.hrefs);
  const headers = await mapConcurrently(hrefs, HEADERS_AT_ONCE, async (href, i) => {
    try {
      return await readRaster(source, href, signal, { overviews: overviews && request.bands[i % bands]?.type === "measurement" });
    } catch (error) {
      if (onError === "fail" || !(error instanceof SourceError)) throw error;
      return error;
    }
  });
  const skippedScenes: SkippedScene[] = [];
  const scenes = selected.flatMap(({ item }, i): Scene[] => {
    const found = headers.slice(i * bands, (i + 1) * bands);
    const fault = found.find((header) => header instanceof SourceError);
    if (fault) skippedScenes.push({ id: item.id, reason: reasonOf(fault) });
    const rasters = found.flatMap((header) => (header instanceof SourceError ? [] : [header]));
    return fault ? [] : [{ id: item.id, timeMs: item.timeMs, rasters, self: item.self }];
  });
  const fault = headers.find((header) => header instanceof SourceError);
  if (fault && scenes.length === 0) throw fault;
  refuseWideFlags(scenes, request);
  return { scenes, skippedScenes };
}

/** What happened, and where: what to do was decided by spec.source.onError. */
export function reasonOf(error: SourceError): string {
  return error.problems.map(({ what, where }) => `${what}: ${where}`).join("; ");
}

function refuseWideFlags(scenes: readonly Scene[], request: JobRequest): void {
  const wide = scenes.flatMap((scene) =>
    request.bands
      .filter(
        (band, b) => band.type === "flags" && !["uint8", "int8", "uint16", "int16"].includes(scene.rasters[b]?.encoding.sampleType ?? ""),
      )
      .map((band) => [scene, band] as const),
  );
  if (wide.length === 0) return;
  throw new RequestError(
    wide.map(([scene, band]) => ({
      what: `flag band ${band.name} is not of 8 or 16 bits`,
      where: `item ${scene.id}`,
      todo: "name the right asset",
    })),
  );
}
