/** The files beside the COGs: pictures, STAC item, resolved manifest, report. */
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { canonicalJob } from "../../api/v1alpha1/canonical.ts";
import type { Statistic } from "../../api/v1alpha1/compute.ts";
import type { ComputeJob } from "../../api/v1alpha1/compute-job.ts";
import { type Report, reportSchema } from "../../api/v1alpha1/report.ts";
import { crsLabel, WGS84 } from "../core/grid/crs.ts";
import { outlineIn } from "../core/grid/geobox.ts";
import type { Plan } from "../core/plan/plan.ts";
import type { Raster } from "../core/quicklook/picture.ts";
import { buildStacItem } from "../core/stac-item/stac-item.ts";
import type { WrittenFile } from "../io/output/cog-file.ts";
import { writing } from "../io/output/output-errors.ts";
import { yamlText } from "../io/yaml/yaml-text.ts";
import { writeQuicklook } from "../io/output/quicklook-file.ts";

/** A written raster, named as it will be in the output. */
export type NamedFile = WrittenFile & {
  readonly name: string;
  readonly group: string;
  readonly indexName: string;
  readonly kind: "values" | "counts";
};

export type NamedPicture = WrittenFile & { readonly name: string; readonly group: string };

/** The quicklook of a group. */
export async function writePicture(plan: Plan, folder: string, name: string, raster: Raster): Promise<NamedPicture> {
  const { grid } = plan;
  const days = plan.groups.find((g) => g.name === name)?.days ?? [];
  const file = `quicklook_${name}.png`;
  await writeQuicklook(join(folder, file), {
    index: plan.request.indices[0]?.name ?? "",
    statistic: plan.request.reduce.statistic,
    unit: unitOf(plan),
    group: name,
    firstDate: days[0]?.date ?? "",
    lastDate: days.at(-1)?.date ?? "",
    solarDays: days.length,
    scenes: days.reduce((sum, day) => sum + day.scenes.length, 0),
    crsName: crsLabel(grid.crs),
    resolution: [grid.affine[0], -grid.affine[4]],
    unitIsDegrees: grid.crs.type === "geographic",
    raster,
    gridWidth: grid.width,
  });
  return { ...(await digest(join(folder, file))), name: file, group: name };
}

/** What the values of the first index are counted in; a normalized difference in nothing. */
function unitOf({ request: { indices, reduce, values, bands } }: Plan): string {
  if (reduce.statistic === "count") return "observations";
  const [first] = indices;
  const band = first?.type === "band" ? bands[first.band] : undefined;
  if (band?.type !== "measurement") return "";
  const scaled = values === "reflectance" && band.tableScale !== undefined;
  return scaled ? "reflectance" : "stored numbers";
}

async function digest(path: string): Promise<WrittenFile> {
  const bytes = await readFile(path);
  return { sha256: createHash("sha256").update(bytes).digest("hex"), bytes: bytes.length };
}

type DocumentsInput = {
  readonly job: ComputeJob;
  readonly plan: Plan;
  readonly version: string;
  readonly folder: string;
  readonly rasters: readonly NamedFile[];
  readonly pictures: readonly NamedPicture[];
  readonly report: Omit<Report, "files">;
};

/** item.json, job.yaml and report.json; returns the report, which lists all files but itself. */
export async function writeDocuments(input: DocumentsInput): Promise<Report> {
  const { job, folder, rasters, pictures } = input;
  const documents = [
    { name: "item.json", text: `${JSON.stringify(stacItem(input), null, 2)}\n` },
    { name: "job.yaml", text: yamlText(canonicalJob(job)) },
  ];
  const files = [...rasters, ...pictures].map(({ name, sha256, bytes }) => ({ name, sha256, bytes }));
  for (const { name, text } of documents) {
    await save(join(folder, name), text);
    files.push({ name, ...(await digest(join(folder, name))) });
  }
  const report = reportSchema.parse({ ...input.report, files });
  await save(join(folder, "report.json"), `${JSON.stringify(report, null, 2)}\n`);
  return report;
}

function save(path: string, text: string): Promise<void> {
  return writing(path, () => writeFile(path, text));
}

function stacItem({ job, plan, version, rasters, pictures }: DocumentsInput): object {
  const { grid } = plan;
  const { statistic, by } = plan.request.reduce;
  const iso = (ms: number) => new Date(ms).toISOString().replace(".000Z", "Z");
  const times = plan.scenes.map((scene) => scene.timeMs);
  const outline = everyNth(outlineIn(grid, WGS84), OUTLINE_STEP);
  const ring = [...outline, ...outline.slice(0, 1)].toReversed();
  return buildStacItem({
    id: job.metadata.name,
    geometry: { type: "Polygon", coordinates: [ring] },
    startTime: iso(Math.min(...times)),
    endTime: iso(Math.max(...times)),
    grid: {
      epsg: grid.crs.epsg,
      ...(grid.crs.userDefined ? { wkt2: grid.crs.userDefined.wkt2 } : {}),
      shapeYX: [grid.height, grid.width],
      affine: grid.affine,
      ...(grid.crs.type === "projected" ? { pixelSizeMetres: grid.affine[0] } : {}),
    },
    rasters: rasters.map(({ name, sha256, bytes, group, indexName, kind }) => ({
      name,
      sha256,
      bytes,
      sampleType: kind === "values" ? "float32" : "uint16",
      ...wordsOf(indexName, kind, { statistic, group }),
    })),
    quicklooks: pictures.map(({ name, sha256, bytes, group }) => ({ name, sha256, bytes, title: `Quicklook ${group}` })),
    sources: plan.scenes.map(({ id, self }) => (self === undefined ? { id } : { id, href: self.split("?")[0] ?? self })),
    processing: {
      software: { mayfly: version },
      lineage: `${STATISTIC_NAMES[statistic]} by ${by} of ${plan.request.indices.map((i) => i.name).join(", ")} over ${plan.days.length} solar days`,
    },
  });
}

/** The outline has 256 points an edge; eight are enough for a footprint. */
const OUTLINE_STEP = 32;

function everyNth<T>(list: readonly T[], n: number): readonly T[] {
  return list.filter((_, i) => i % n === 0);
}

const STATISTIC_NAMES: Readonly<Record<Statistic, string>> = {
  mean: "Mean",
  median: "Median",
  min: "Minimum",
  max: "Maximum",
  std: "Standard deviation",
  count: "Number",
};

/** Title and description of an image. */
function wordsOf(
  index: string,
  kind: NamedFile["kind"],
  { statistic, group }: { readonly statistic: Statistic; readonly group: string },
): { readonly title: string; readonly description: string } {
  const name = index.toUpperCase();
  const number = `Number of valid observations of ${index}, ${group}`;
  if (kind === "counts") return { title: `${name} ${group}, valid observations`, description: number };
  const title = statistic === "mean" ? `${name} ${group}` : `${name} ${statistic} ${group}`;
  return { title, description: statistic === "count" ? number : `${STATISTIC_NAMES[statistic]} ${index} of valid observations, ${group}` };
}
