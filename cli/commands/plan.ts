/** `mayfly plan`: the bill. */
import { billOf, type Bill } from "../../worker/core/plan/bill.ts";
import { createFileSource } from "../../worker/io/file/file-source.ts";
import { prepareJob } from "../../worker/roles/prepare-job.ts";
import type { JobOptions } from "../job-options.ts";
import { formatBytes } from "../format.ts";
import { readJob } from "../read-job.ts";

export async function planCommand(path: string, options: JobOptions): Promise<void> {
  const job = await readJob(path, options.set);
  const source = createFileSource();
  try {
    const { plan, hash } = await prepareJob(job, path, source, new AbortController().signal);
    const bill = billOf(plan, job.spec.measurements?.length ?? 0);
    process.stdout.write(options.json ? `${JSON.stringify({ jobHash: hash, ...bill }, null, 2)}\n` : billText(job.metadata.name, bill));
  } finally {
    await source.close();
  }
}

function billText(name: string, bill: Bill): string {
  const { grid, chunkShape } = bill;
  const outside = bill.scenesOutside > 0 ? ` (${bill.scenesOutside} more lie outside the region)` : "";
  const rows: readonly (readonly [string, string])[] = [
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
    ["to read", `${formatBytes(bill.readBytes)} in about ${bill.requests} requests (local files)`],
    ["result", `${formatBytes(bill.resultBytes)} uncompressed`],
    ["a worker needs", `${formatBytes(bill.workerBytes)} with one thread`],
  ];
  const groups = bill.groups.map((group) => [group.name, `${group.days.length} days: ${group.days.join(" ")}`] as const);
  const width = Math.max(...[...rows, ...groups].map(([label]) => label.length)) + 2;
  const line = ([label, text]: readonly [string, string]): string => `${label.padEnd(width)}${text}\n`;
  return `Plan of ${name}\n${rows.map(line).join("")}Groups\n${groups.map(line).join("")}`;
}
