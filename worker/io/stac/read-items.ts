/** STAC ItemCollections from a local file. Only the fields that a job uses are looked at; they are checked before they are believed. */
import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, resolve } from "node:path";
import { z } from "zod";
import { RequestError } from "../../../runtime/errors.ts";
import type { StacAsset, StacItem } from "../../core/plan/stac-item.ts";

/** A list of 100,000 Landsat items is some 2 GB; this holds 5,000 to 10,000, a path over 29 years ten times. */
const MAX_LIST_BYTES = 256 * 1024 * 1024;

const bandSchema = z.looseObject({
  nodata: z.union([z.number(), z.enum(["nan", "inf", "-inf"])]).nullish(),
  scale: z.number().nullish(),
  offset: z.number().nullish(),
});

const assetSchema = z.looseObject({ href: z.string().min(1), "raster:bands": z.array(bandSchema).nullish() });

const itemSchema = z.looseObject({
  type: z.literal("Feature"),
  id: z.string().min(1),
  collection: z.string().nullish(),
  properties: z.looseObject({ datetime: z.string().nullish(), start_datetime: z.string().nullish() }),
  links: z.array(z.looseObject({ rel: z.string(), href: z.string() })).nullish(),
  assets: z.record(z.string(), assetSchema),
});

const listSchema = z.looseObject({ type: z.literal("FeatureCollection"), features: z.array(z.unknown()) });

/** The items of a local ItemCollection, hrefs made absolute; throws RequestError where it is missing or is none. */
export async function readItemCollection(path: string): Promise<readonly StacItem[]> {
  const list = listSchema.safeParse(parseJson(await readText(path), path));
  if (!list.success) throw listError(path, "not a STAC ItemCollection", 'it must be {"type": "FeatureCollection", "features": [...]}');
  const items = list.data.features.map((feature, i) => toItem(feature, `${path}: features[${i}]`, dirname(path)));
  const seen = new Set<string>();
  for (const { id } of items) {
    if (seen.has(id)) throw listError(path, `two items have the id ${id}`, "drop one of them");
    seen.add(id);
  }
  return items;
}

function listError(where: string, what: string, todo: string, cause?: unknown): RequestError {
  return new RequestError([{ what, where, todo }], cause);
}

async function readText(path: string): Promise<string> {
  try {
    const bytes = await readFile(path);
    if (bytes.length > MAX_LIST_BYTES) throw listError(path, "the item list is too large", "split it by time, and run a job for each part");
    return bytes.toString("utf8");
  } catch (cause) {
    if (cause instanceof RequestError) throw cause;
    throw listError(path, "cannot read the item list", "check the path in spec.source.items (it is relative to the job's file)", cause);
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw listError(path, `not JSON (${cause instanceof Error ? cause.message : "?"})`, "give a STAC ItemCollection", cause);
  }
}

function toItem(raw: unknown, where: string, folder: string): StacItem {
  const parsed = itemSchema.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw listError(where, `not a STAC item (${issue?.path.join(".") ?? ""}: ${issue?.message ?? "?"})`, "correct or drop it");
  }
  const { id, collection, links, assets } = parsed.data;
  return {
    id,
    collection: collection ?? undefined,
    timeMs: timeOf(parsed.data, where),
    assets: new Map(Object.entries(assets).map(([key, asset]) => [key, toAsset(asset, folder, where)])),
    self: links?.find((link) => link.rel === "self")?.href,
  };
}

function timeOf({ id, properties }: z.infer<typeof itemSchema>, where: string): number {
  const timeMs = Date.parse(properties.datetime ?? properties.start_datetime ?? "");
  if (Number.isNaN(timeMs)) throw listError(where, `item ${id} has no readable datetime`, "give it a datetime as 2021-03-05T00:05:30Z");
  return timeMs;
}

function toAsset(asset: z.infer<typeof assetSchema>, folder: string, where: string): StacAsset {
  const band = asset["raster:bands"]?.[0];
  const nodata = band?.nodata;
  return {
    href: localPath(asset.href, folder, where),
    nodata: typeof nodata === "number" ? nodata : undefined,
    scale: band?.scale ?? undefined,
    offset: band?.offset ?? undefined,
  };
}

function localPath(href: string, folder: string, where: string): string {
  if (href.startsWith("file://")) return decodeURIComponent(new URL(href).pathname);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(href)) return href;
  if (href.includes("\0")) throw listError(where, "an href has a zero byte", "correct it");
  return isAbsolute(href) ? href : resolve(folder, href);
}
