/** From items to the assets that a job reads: by time, then by the product's band names. */
import { foldSameKind } from "../../../api/v1alpha1/fold-problems.ts";
import { ok, type Problem, type Result } from "../../../api/v1alpha1/problem.ts";
import type { SourceS3 } from "../../../api/v1alpha1/source.ts";
import type { TimeSpan } from "../../../api/v1alpha1/time.ts";
import { assetOfBand, type Sensor } from "./asset-names.ts";
import { chooseHref } from "./choose-href.ts";
import type { Band, JobRequest } from "./request.ts";
import type { StacAsset, StacItem } from "./stac-item.ts";

/** An item with the hrefs of its assets in the order of {@link JobRequest.bands}. */
export type SelectedItem = { readonly item: StacItem; readonly hrefs: readonly string[] };

/** `where` names the item list. */
export type Selection = {
  readonly span: TimeSpan;
  readonly request: JobRequest;
  readonly sensors: readonly Sensor[];
  readonly s3: SourceS3 | undefined;
  readonly where: string;
};

/**
 * The items of the time span in the order of (datetime, id), each with the assets of all bands. A missing band, or an item whose nodata or
 * scale contradicts the product's table, is a problem.
 */
export function selectAssets(items: readonly StacItem[], selection: Selection): Result<readonly SelectedItem[]> {
  const { span, where } = selection;
  // A period's last millisecond stands for all of it: digits beyond do not count.
  const inTime = items.filter((item) => Math.floor(item.timeMs) >= span.firstMs && Math.floor(item.timeMs) <= span.lastMs);
  if (inTime.length === 0) {
    const todo = items.length === 0 ? "give a list with items" : `its ${items.length} items are of ${timeRange(items)}: change spec.time`;
    return { ok: false, problems: [{ what: "no item in the time asked for", where, todo }] };
  }
  const problems: Problem[] = [];
  const selected = inTime.toSorted(byTimeAndId).map((item) => ({ item, hrefs: hrefsOf(item, selection, problems) }));
  if (problems.length === 0) return ok(selected);
  return { ok: false, problems: foldSameKind(problems, (what, n) => what.replace(/^item has /, `${n} items have `)) };
}

function hrefsOf(item: StacItem, { request, sensors, s3 }: Selection, problems: Problem[]): readonly string[] {
  const contradictions: Contradiction[] = [];
  const hrefs = request.bands.flatMap((band) => {
    const asset = assetOfBand(item, band, sensors);
    if (!asset.ok) {
      problems.push(...asset.problems);
      return [];
    }
    contradictions.push(...contradictionsOf(asset.value, band));
    const href = chooseHref(asset.value, s3, `item ${item.id}`);
    if (!href.ok) problems.push(...href.problems);
    return href.ok ? [href.value] : [];
  });
  // One cause, the wrong product, whatever the number of its bands and fields.
  if (contradictions.length > 0) {
    const what = contradictionText(contradictions);
    problems.push({ what, where: `item ${item.id}`, todo: "name the right product, or give a productTable" });
  }
  return hrefs;
}

/** Items of two collections may share an id; the order must not depend on the order of the list. */
function byTimeAndId(a: StacItem, b: StacItem): number {
  return a.timeMs - b.timeMs || compareText(a.id, b.id) || compareText(a.collection ?? "", b.collection ?? "");
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

/** Where item and table say different numbers of a band. */
type Contradiction = {
  readonly field: "nodata" | "scale" | "offset";
  readonly band: string;
  readonly ofItem: number;
  readonly ofTable: number;
};

function contradictionsOf(asset: StacAsset, band: Band): readonly Contradiction[] {
  const found: Contradiction[] = [];
  const compare = (field: Contradiction["field"], ofItem: number | undefined, ofTable: number | undefined) => {
    if (ofItem === undefined || ofTable === undefined || Object.is(ofItem, ofTable) || ofItem === ofTable) return;
    found.push({ field, band: band.name, ofItem, ofTable });
  };
  compare("nodata", asset.nodata, band.nodata);
  if (band.type === "measurement") {
    compare("scale", asset.scale, band.tableScale);
    compare("offset", asset.offset, band.tableOffset);
  }
  return found;
}

/** `scale of bands red and nir08 is 1 in the item and 0.0000275 in the product's table, offset of ...`. */
function contradictionText(contradictions: readonly Contradiction[]): string {
  const alike = Map.groupBy(contradictions, ({ field, ofItem, ofTable }) => JSON.stringify([field, String(ofItem), String(ofTable)]));
  const parts = [...alike.values()].flatMap((same) => {
    const [first] = same;
    const bands = same.map(({ band }) => band).join(" and ");
    const named = same.length === 1 ? `band ${bands}` : `bands ${bands}`;
    return first ? [`${first.field} of ${named} is ${first.ofItem} in the item and ${first.ofTable} in the product's table`] : [];
  });
  return parts.join(", ");
}
