/** `mayfly plan`: the bill. */
import type { ComputeJob } from "../../api/v1alpha1/compute-job.ts";
import { parseMemoryBytes } from "../../api/v1alpha1/quantities.ts";
import { memoryLimitBytes } from "../../runtime/memory-limit.ts";
import { billOf, type Bill } from "../../worker/core/plan/bill.ts";
import { openSources } from "../../worker/io/source/open-source.ts";
import { readTraits } from "../../worker/io/source/read-traits.ts";
import type { Finding } from "../../worker/roles/find-items.ts";
import { prepareJob, type SkippedScene } from "../../worker/roles/prepare-job.ts";
import { placesOf, type ReadPlace } from "../../worker/roles/read-places.ts";
import type { JobOptions } from "../job-options.ts";
import { formatBytes, formatCount } from "../format.ts";
import { readJob } from "../read-job.ts";

export async function planCommand(path: string, options: JobOptions): Promise<void> {
  const job = await readJob(path, options.set);
  const source = openSources({ s3: job.spec.source.s3 ?? {}, env: process.env });
  try {
    const { signal } = new AbortController();
    const { plan, hash, finding, skippedScenes } = await prepareJob(job, path, source, signal);
    const traits = readTraits(plan.scenes.flatMap(({ rasters }) => rasters.map(({ href }) => href)));
    const bill = billOf(plan, { measurements: job.spec.measurements?.length ?? 0, traits, limitBytes: workerLimitBytes(job) });
    const reading: Reading = { finding, places: await placesOf(plan, source, signal), skippedScenes };
    const json = { jobHash: hash, ...bill, ...reading };
    process.stdout.write(options.json ? `${JSON.stringify(json, null, 2)}\n` : billText(job.metadata.name, bill, reading));
  } finally {
    await source.close();
  }
}

/** Share of this machine's memory that workers may take (DESIGN section 2, --memory). */
const WORKERS_SHARE = 0.8;

/** What the pixels of one process can take at most: its shared memory has 32-bit addresses. */
const ADDRESSABLE_BYTES = 2 ** 32;

/** Of the cluster template's workers; of this machine where it names none. */
function workerLimitBytes(job: ComputeJob): number {
  const memory = job.spec.clusterTemplate?.spec?.workers?.resources?.limits?.memory;
  const limit = memory === undefined ? undefined : parseMemoryBytes(memory);
  return Math.min(limit?.ok === true ? limit.value : Math.floor(WORKERS_SHARE * memoryLimitBytes()), ADDRESSABLE_BYTES);
}

type Reading = { readonly finding: Finding; readonly places: readonly ReadPlace[]; readonly skippedScenes: readonly SkippedScene[] };

function findingText({ where, items, itemsInTime, search }: Finding): string {
  const late = itemsInTime < items ? `, ${items - itemsInTime} of them outside the time` : "";
  const pages = search ? `, by ${search.method} in ${search.pages} ${search.pages === 1 ? "page" : "pages"}` : "";
  return `${items} in ${where}${pages}${late}`;
}

function placeText({ name, files, region }: ReadPlace): string {
  return `${name} (${files} files${region === undefined ? "" : `, region ${region}`})`;
}

function fitText({ fits }: Bill): string {
  return fits ? "fits" : "does not fit; use smaller chunks, fewer indices, or a higher limit";
}

function billText(name: string, bill: Bill, { finding, places, skippedScenes }: Reading): string {
  const { grid, chunkShape } = bill;
  const outside = bill.scenesOutside > 0 ? ` (${bill.scenesOutside} more lie outside the region)` : "";
  const rows: readonly (readonly [string, string])[] = [
    ["items", findingText(finding)],
    ["scenes", `${bill.scenes}${outside}`],
    ["solar days", String(bill.solarDays)],
    ["grid", `${grid.height} x ${grid.width} pixels of ${grid.resolutionXY.join(" x ")}, ${grid.crs}`],
    ["bounds", grid.bounds.join(", ")],
    ["dataset", `${formatBytes(bill.datasetBytes)} (${bill.bands.join(", ")})`],
    ...(bill.measurementsBytes === bill.datasetBytes ? [] : [["all measurements", formatBytes(bill.measurementsBytes)] as const]),
    [
      "chunks",
      `${bill.chunks} a band, of ${chunkShape.time} x ${chunkShape.height} x ${chunkShape.width}, at most ${formatBytes(bill.chunkBytes)}`,
    ],
    ["reductions", String(bill.reductions)],
    ["to read", `${formatBytes(bill.readBytes)} in about ${bill.requests} requests`],
    ["from", places.map(placeText).join(", ")],
    ...(skippedScenes.length === 0 ? [] : [["skipped", skippedScenes.map(({ id, reason }) => `${id} (${reason})`).join(", ")] as const]),
    ["result", `${formatBytes(bill.resultBytes)} uncompressed`],
    [
      "a worker needs",
      `${formatBytes(bill.workerBytes)} with one thread, and may have ${formatBytes(bill.workerLimitBytes)}: ${fitText(bill)}`,
    ],
  ];
  const groups = bill.groups.map((group) => [group.name, `${formatCount(group.days.length, "day")}: ${group.days.join(" ")}`] as const);
  const width = Math.max(...[...rows, ...groups].map(([label]) => label.length)) + 2;
  const line = ([label, text]: readonly [string, string]): string => `${label.padEnd(width)}${text}\n`;
  return `Plan of ${name}\n${rows.map(line).join("")}Groups\n${groups.map(line).join("")}`;
}
