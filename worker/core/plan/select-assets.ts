/** From items to the assets that a job reads: by time, then by the product's band names. */
import { ok, type Problem, type Result } from "../../../api/v1alpha1/problem.ts";
import type { TimeSpan } from "../../../api/v1alpha1/time.ts";
import type { Band, JobRequest } from "./request.ts";
import type { StacAsset, StacItem } from "./stac-item.ts";

/** An item with its assets in the order of {@link JobRequest.bands}. */
export type SelectedItem = { readonly item: StacItem; readonly assets: readonly StacAsset[] };

/**
 * The items of the time span in the order of (datetime, id), each with the assets of all bands. A missing band, or an item whose nodata or
 * scale contradicts the product's table, is a problem. `where` names the item list.
 */
export function selectAssets(
  items: readonly StacItem[],
  span: TimeSpan,
  request: JobRequest,
  where: string,
): Result<readonly SelectedItem[]> {
  const inTime = items.filter((item) => item.timeMs >= span.firstMs && item.timeMs <= span.lastMs);
  if (inTime.length === 0) {
    const todo = items.length === 0 ? "give a list with items" : `its ${items.length} items are of ${timeRange(items)}: change spec.time`;
    return { ok: false, problems: [{ what: "no item in the time asked for", where, todo }] };
  }
  const sorted = inTime.toSorted((a, b) => a.timeMs - b.timeMs || compareText(a.id, b.id));
  const problems: Problem[] = [];
  const selected = sorted.map((item) => {
    const assets = request.bands.map((band) => {
      const asset = band.assetKeys.map((key) => item.assets.get(key)).find((found) => found !== undefined);
      if (asset) problems.push(...contradictions(item, asset, band));
      else problems.push(missingBand(item, band));
      return asset;
    });
    return { item, assets: assets.filter((asset) => asset !== undefined) };
  });
  return problems.length > 0 ? { ok: false, problems } : ok(selected);
}

/** By code unit, as Python's and JSON's: the same on every machine. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function timeRange(items: readonly StacItem[]): string {
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  const times = items.map((item) => item.timeMs);
  return `${day(times.reduce((a, b) => Math.min(a, b)))} to ${day(times.reduce((a, b) => Math.max(a, b)))}`;
}

function missingBand(item: StacItem, band: Band): Problem {
  const todo = `its assets are ${[...item.assets.keys()].join(", ") || "none"}; name the right product, or the asset in productTable's aliases`;
  return { what: `item has no band ${band.name}`, where: `item ${item.id}`, todo };
}

function contradictions(item: StacItem, asset: StacAsset, band: Band): readonly Problem[] {
  const found: Problem[] = [];
  const compare = (field: string, ofItem: number | undefined, ofTable: number | undefined) => {
    if (ofItem === undefined || ofTable === undefined || Object.is(ofItem, ofTable) || ofItem === ofTable) return;
    const what = `${field} of band ${band.name} is ${ofItem} in the item and ${ofTable} in the product's table`;
    found.push({ what, where: `item ${item.id}`, todo: "name the right product, or give a productTable" });
  };
  compare("nodata", asset.nodata, band.nodata);
  if (band.type === "measurement") {
    compare("scale", asset.scale, band.tableScale);
    compare("offset", asset.offset, band.tableOffset);
  }
  return found;
}
