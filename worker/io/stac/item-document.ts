/**
 * One STAC item's JSON, 1.0 or 1.1, as a {@link StacItem}. Only the fields that a job uses are looked at, and of the assets only those that may be its
 * bands; they are checked before they are believed. Geometry, bbox and the projection extension are left alone: the files' headers decide.
 */
import { z } from "zod";
import { RequestError } from "../../../runtime/errors.ts";
import type { S3Alternate, StacAsset, StacItem } from "../../core/plan/stac-item.ts";
import { isRemote, type ListPlace, resolveHref } from "./resolve-href.ts";
import { parseTimestamp } from "./timestamp.ts";

/** Enough for any name that people gave; ids and keys go into messages, results and hashes. */
const MAX_NAME_LENGTH = 512;

/** USGS items have 17 assets, the largest catalogues some hundred. */
const MAX_ASSETS = 1000;

/** S3 keys have at most 1,024 bytes; signed URLs some 2,000. */
const MAX_HREF_LENGTH = 8192;

/** Hosts that answer with a login page and status 200 (decision 0013). */
const LOGIN_HOSTS: readonly string[] = ["landsatlook.usgs.gov"];

const name = z
  .string()
  .min(1)
  .max(MAX_NAME_LENGTH)
  .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, "it has control characters");

const nodata = z.union([z.number(), z.enum(["nan", "inf", "-inf"])]).nullish();

/** `raster:bands` and, with STAC 1.1, `bands`: each the words of the other too. */
const bandSchema = z.looseObject({
  nodata,
  scale: z.number().nullish(),
  offset: z.number().nullish(),
  "raster:scale": z.number().nullish(),
  "raster:offset": z.number().nullish(),
  common_name: z.string().nullish(),
  "eo:common_name": z.string().nullish(),
});

const bands = z.array(bandSchema).max(1000).nullish();

/** What asset and item may say for all bands (STAC 1.1, common metadata). */
const commonFields = { nodata, "raster:scale": z.number().nullish(), "raster:offset": z.number().nullish() };

const storageFields = { "storage:requester_pays": z.boolean().nullish(), "storage:refs": z.array(z.string()).nullish() };

const href = z.string().min(1).max(MAX_HREF_LENGTH);

const assetSchema = z.looseObject({
  href,
  ...commonFields,
  ...storageFields,
  "raster:bands": bands,
  "eo:bands": bands,
  bands,
  "auth:refs": z.array(z.string()).nullish(),
  alternate: z.record(z.string(), z.looseObject({ href, ...storageFields })).nullish(),
});

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const itemSchema = z.looseObject({
  type: z.literal("Feature"),
  id: name,
  collection: name.nullish(),
  properties: z.looseObject({
    datetime: z.string().nullish(),
    start_datetime: z.string().nullish(),
    platform: z.string().max(MAX_NAME_LENGTH).nullish(),
    "storage:schemes": z.record(z.string(), z.looseObject({ requester_pays: z.boolean().nullish() })).nullish(),
    ...commonFields,
  }),
  links: z.array(z.unknown()).nullish(),
  assets: z.custom<Readonly<Record<string, unknown>>>(isMapping, "Invalid input: expected object"),
});

type Document = z.infer<typeof itemSchema>;
type AssetDocument = z.infer<typeof assetSchema>;
type StorageWords = {
  readonly "storage:requester_pays"?: boolean | null | undefined;
  readonly "storage:refs"?: readonly string[] | null | undefined;
};

/** What parsing an item needs to know. */
export type ItemContext = {
  /** Where the item stands, for messages: `items.json: features[3]`. */
  readonly where: string;
  readonly place: ListPlace;
  /** Whether an asset may be a band of the job; the others are kept by name only. */
  readonly mayBeBand: (key: string, commonName: string | undefined) => boolean;
};

/** The item; throws RequestError where it is none, or where what it says cannot be. */
export function parseItem(raw: unknown, context: ItemContext): StacItem {
  const parsed = itemSchema.safeParse(raw);
  if (!parsed.success) throw notAnItem(parsed.error, [], context.where);
  const { id, collection, properties, assets } = parsed.data;
  const place = placeOfAssets(parsed.data, context.place);
  const keys = Object.keys(assets);
  if (keys.length > MAX_ASSETS) throw wrongItem(`${keys.length} assets are too many`, context.where);
  const kept = new Map<string, StacAsset>();
  const others: string[] = [];
  for (const key of keys) {
    if (!name.safeParse(key).success) throw wrongItem("an asset's key is empty, too long or has control characters", context.where);
    if (!context.mayBeBand(key, commonNameOf(assets[key]))) others.push(key);
    else kept.set(key, toAsset(key, parsed.data, { ...context, place }));
  }
  return {
    id,
    collection: collection ?? undefined,
    platform: properties.platform ?? undefined,
    timeMs: timeOf(parsed.data, context.where),
    assets: kept,
    otherAssets: others,
    self: selfOf(parsed.data),
  };
}

function timeOf({ id, properties }: Document, where: string): number {
  const timeMs = parseTimestamp(properties.datetime ?? properties.start_datetime ?? "");
  if (timeMs !== undefined) return timeMs;
  throw itemError(`item ${id} has no readable datetime`, where, "give it a datetime as 2021-03-05T00:05:30Z");
}

function selfOf({ links }: Document): string | undefined {
  const self = links?.find((link) => isMapping(link) && link["rel"] === "self");
  return isMapping(self) && typeof self["href"] === "string" && self["href"].length <= MAX_HREF_LENGTH ? self["href"] : undefined;
}

/** Of a list from the network, relative hrefs are the item's own, so they start at its self link where that is a URL. */
function placeOfAssets(item: Document, place: ListPlace): ListPlace {
  const self = place.type === "url" ? selfOf(item) : undefined;
  return self !== undefined && isRemote(self) && URL.canParse(self) ? { type: "url", url: self } : place;
}

/** Looked at before the asset is checked, so that a wrong thumbnail does not matter. */
function commonNameOf(raw: unknown): string | undefined {
  if (!isMapping(raw)) return undefined;
  for (const list of [raw["eo:bands"], raw["bands"]]) {
    const band: unknown = Array.isArray(list) && list.length === 1 ? list[0] : undefined;
    const called = isMapping(band) ? (band["common_name"] ?? band["eo:common_name"]) : undefined;
    if (typeof called === "string") return called;
  }
  return undefined;
}

function toAsset(key: string, item: Document, context: ItemContext): StacAsset {
  const raw = item.assets[key];
  const parsed = assetSchema.safeParse(raw);
  if (!parsed.success) throw notAnItem(parsed.error, ["assets", key], context.where);
  const asset = parsed.data;
  const paysFor = (at: StorageWords) => requesterPays(at, item);
  const own = absolute(asset.href, context);
  return {
    href: own,
    s3: s3Alternate(asset, paysFor, context),
    requesterPays: paysFor(asset),
    needsLogin: (asset["auth:refs"]?.length ?? 0) > 0 || hasLoginPage(own),
    commonName: commonNameOf(raw),
    ...pixelMeaning(asset, item),
  };
}

/** Nearest first: the band, the asset, the item. */
function pixelMeaning(asset: AssetDocument, { properties }: Document): Pick<StacAsset, "nodata" | "scale" | "offset"> {
  const [raster = {}] = asset["raster:bands"] ?? [];
  const [band = {}] = asset.bands ?? [];
  const missing = [raster.nodata, band.nodata, asset.nodata, properties.nodata].find(isGiven);
  return {
    nodata: typeof missing === "number" ? missing : undefined,
    scale: [raster.scale, band["raster:scale"], band.scale, asset["raster:scale"], properties["raster:scale"]].find(isGiven),
    offset: [raster.offset, band["raster:offset"], band.offset, asset["raster:offset"], properties["raster:offset"]].find(isGiven),
  };
}

function isGiven<T>(value: T | null | undefined): value is T {
  return value !== undefined && value !== null;
}

/** The storage extension: 1.0's flag, or 2.0's reference to a scheme that the item describes. */
function requesterPays(at: StorageWords, { properties }: Document): boolean {
  const schemes = properties["storage:schemes"] ?? {};
  const refs = at["storage:refs"] ?? [];
  return at["storage:requester_pays"] ?? refs.some((ref) => Object.hasOwn(schemes, ref) && schemes[ref]?.requester_pays === true);
}

/** The alternate-assets extension: the entry named s3 (or S3), else the first with an s3:// href. */
function s3Alternate(asset: AssetDocument, pays: (at: StorageWords) => boolean, context: ItemContext): S3Alternate | undefined {
  const onS3 = Object.entries(asset.alternate ?? {}).filter(([, { href }]) => /^s3:\/\//i.test(href));
  const [, found] = onS3.find(([key]) => key.toLowerCase() === "s3") ?? onS3[0] ?? [];
  return found && { href: absolute(found.href, context), requesterPays: pays(found) };
}

function absolute(href: string, { where, place }: ItemContext): string {
  const resolved = resolveHref(href, place);
  if ("wrong" in resolved) throw itemError(resolved.wrong, where, "only http, https and s3 links are followed from there: correct it");
  return resolved.href;
}

function hasLoginPage(href: string): boolean {
  return /^https?:/i.test(href) && URL.canParse(href) && LOGIN_HOSTS.includes(new URL(href).hostname);
}

function notAnItem(error: z.ZodError, at: readonly string[], where: string): RequestError {
  const issue = error.issues[0];
  const path = printable([...at, ...(issue?.path ?? []).map(String)].join("."));
  return wrongItem(`${path}: ${issue?.message ?? "?"}`, where);
}

function wrongItem(why: string, where: string): RequestError {
  return itemError(`not a STAC item (${why})`, where, "correct or drop it");
}

function itemError(what: string, where: string, todo: string): RequestError {
  return new RequestError([{ what, where, todo }]);
}

/** A key of the document in a message: on one line, and short. */
function printable(text: string): string {
  const plain = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "?");
  return plain.length > 120 ? `${plain.slice(0, 117)}...` : plain;
}
