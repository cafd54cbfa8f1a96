/** The names of a result's files, known before anything is computed. */
import type { Plan } from "./plan.ts";

export function valuesName(index: string, group: string): string {
  return `${index}_${group}.tif`;
}

export function countName(index: string, group: string): string {
  return `${index}_${group}_count.tif`;
}

export function quicklookName(group: string): string {
  return `quicklook_${group}.png`;
}

/** Makes the result whole, and is written last. */
export const REPORT_NAME = "report.json";

/** All that a run of this plan writes; with scenes that turn out unreadable it may be less. */
export function outputNames({ groups, request }: Plan, quicklook: boolean): readonly string[] {
  const images = groups.flatMap(({ name: group }) => [
    ...request.indices.flatMap(({ name }) => [valuesName(name, group), ...(request.count ? [countName(name, group)] : [])]),
    ...(quicklook ? [quicklookName(group)] : []),
  ]);
  return [...images, "item.json", "job.yaml", REPORT_NAME];
}
