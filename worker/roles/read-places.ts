/** Where a plan's files lie: what `mayfly plan` says of buckets, hosts and the local disk. */
import type { Plan } from "../core/plan/plan.ts";
import type { Sources } from "../io/source/open-source.ts";
import { isUrl } from "../../runtime/redact-url.ts";

/** `name`: a bucket as s3://bucket, a host as https://host, or "local files". `region`: of a bucket, where it can be known. */
export type ReadPlace = { readonly name: string; readonly files: number; readonly region?: string };

/** Each place once, most files first. */
export async function placesOf(plan: Plan, source: Sources, signal: AbortSignal): Promise<readonly ReadPlace[]> {
  const hrefs = Map.groupBy(
    plan.scenes.flatMap(({ rasters }) => rasters.map(({ href }) => href)),
    placeOf,
  );
  const places = [...hrefs].map(async ([name, [first = "", ...others]]): Promise<ReadPlace> => {
    const region = await source.bucketRegion(first, signal);
    return { name, files: 1 + others.length, ...(region === undefined ? {} : { region }) };
  });
  return (await Promise.all(places)).toSorted((a, b) => b.files - a.files);
}

function placeOf(href: string): string {
  if (!isUrl(href)) return "local files";
  const { protocol, host } = new URL(href);
  return `${protocol}//${host}`;
}
