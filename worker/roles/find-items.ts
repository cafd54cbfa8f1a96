/** Where a job's items come from: asked for, read, and their assets chosen. */
import type { ComputeJob } from "../../api/v1alpha1/compute-job.ts";
import { ok, type Result } from "../../api/v1alpha1/problem.ts";
import { timeBoundsMs } from "../../api/v1alpha1/time.ts";
import { redactUrl } from "../../runtime/redact-url.ts";
import { VERSION } from "../../runtime/version.ts";
import { mayBeBand } from "../core/plan/asset-names.ts";
import type { JobRequest } from "../core/plan/request.ts";
import { searchesOf } from "../core/plan/search-request.ts";
import { type SelectedItem, selectAssets } from "../core/plan/select-assets.ts";
import type { HttpClient } from "../io/http/http-client.ts";
import type { ByteSource } from "../io/source/byte-source.ts";
import type { FoundItems } from "../io/stac/found-items.ts";
import { readItems } from "../io/stac/read-items.ts";
import type { Product } from "../products/product.ts";

/** For the bill: where the items came from. */
export type Finding = {
  /** Without secrets. */
  readonly where: string;
  readonly items: number;
  readonly itemsInTime: number;
  readonly search: FoundItems["search"];
};

export type FindingParts = {
  readonly job: ComputeJob;
  /** Of the job's manifest. */
  readonly path: string;
  readonly request: JobRequest;
  readonly product: Product;
  readonly source: ByteSource;
  readonly signal: AbortSignal;
};

/** The job's items with the hrefs of its bands, in the order of (datetime, id); throws RequestError where the list cannot be read. */
export async function findItems(
  parts: FindingParts,
): Promise<Result<{ readonly selected: readonly SelectedItem[]; readonly finding: Finding }>> {
  const { request, product, source, signal, path } = parts;
  const { spec } = parts.job;
  const searches = spec.source.stac ? searchesOf(spec.source.stac, spec.region, spec.time) : ok([]);
  if (!searches.ok) return searches;
  const asked = { source: spec.source, manifestPath: path, searches: searches.value, mayBeBand: mayBeBand(request.bands, product.sensors) };
  const { items, where: place, search } = await readItems(asked, { openHttp, bytes: source }, signal);
  const where = redactUrl(place);
  const selected = selectAssets(items, { span: timeBoundsMs(spec.time), request, sensors: product.sensors, s3: spec.source.s3, where });
  if (!selected.ok) return selected;
  return ok({ selected: selected.value, finding: { where, items: items.length, itemsInTime: selected.value.length, search } });
}

/** Loaded only here: a job over local files needs no HTTP. */
async function openHttp(): Promise<HttpClient> {
  const [{ createHttpClient }, { createTransport }] = await Promise.all([
    import("../io/http/http-client.ts"),
    import("../io/http/transport.ts"),
  ]);
  return createHttpClient({ transport: createTransport(process.env), userAgent: `mayfly/${VERSION}` });
}
