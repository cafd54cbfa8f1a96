/** Which asset of an item is a band: by key, by the product's aliases for the item's sensor, by the band's common name. */
import { ok, type Problem, type Result } from "../../../api/v1alpha1/problem.ts";
import type { StacAsset, StacItem } from "./stac-item.ts";

/** Other aliases for the items of some platforms: band 4 is red on Landsat 8 and near infrared on Landsat 7. */
export type Sensor = {
  /** `landsat-7`; letter case and punctuation do not count. */
  readonly platforms: readonly string[];
  /** Beginnings of ids, for items that name no platform. */
  readonly idPrefixes: readonly string[];
  /** Of each band, instead of the product table's own. */
  readonly aliases: Readonly<Record<string, readonly string[]>>;
};

/** What a band may be called: its name and the aliases of the product's table. */
export type BandNames = { readonly name: string; readonly assetKeys: readonly string[] };

/** A predicate for assets that may be one of the bands; the others need not be kept. */
export function mayBeBand(
  bands: readonly BandNames[],
  sensors: readonly Sensor[],
): (key: string, commonName: string | undefined) => boolean {
  const aliases = sensors.flatMap((sensor) => bands.flatMap(({ name }) => aliasesOf(sensor, name)));
  const keys = new Set([...bands.flatMap(({ assetKeys }) => assetKeys), ...aliases].map(plainKey));
  const names = new Set(bands.map(({ name }) => name));
  return (key, commonName) => keys.has(plainKey(key)) || (commonName !== undefined && names.has(commonName));
}

/**
 * The asset of a band: the key that is the band's name; else the first alias that is a key; else, letter case and `.TIF` aside, the first
 * of these that is one; else the asset whose only band has that common name. Two that fit as well as each other are a problem.
 */
export function assetOfBand(item: StacItem, band: BandNames, sensors: readonly Sensor[]): Result<StacAsset> {
  const sensor = sensors.find((candidate) => isOf(item, candidate));
  const names = sensor && Object.hasOwn(sensor.aliases, band.name) ? [band.name, ...aliasesOf(sensor, band.name)] : band.assetKeys;
  for (const name of names) {
    const asset = item.assets.get(name);
    if (asset) return ok(asset);
  }
  const entries = [...item.assets];
  for (const name of names) {
    const alike = entries.filter(([key]) => plainKey(key) === plainKey(name));
    if (alike.length > 0) return theOnly(alike, item, band);
  }
  const called = entries.filter(([, { commonName }]) => commonName === band.name);
  return called.length > 0 ? theOnly(called, item, band) : { ok: false, problems: [missingBand(item, band)] };
}

function theOnly(found: readonly (readonly [string, StacAsset])[], item: StacItem, band: BandNames): Result<StacAsset> {
  const [first, ...others] = found;
  if (first && others.length === 0) return ok(first[1]);
  const keys = found.map(([key]) => key).join(", ");
  const todo = `name the one in productTable's aliases: ${keys}`;
  return { ok: false, problems: [{ what: `${found.length} assets may be band ${band.name}`, where: `item ${item.id}`, todo }] };
}

/** More would make a line that nobody reads. */
const KEYS_NAMED = 40;

function missingBand(item: StacItem, band: BandNames): Problem {
  const keys = [...item.assets.keys(), ...item.otherAssets];
  const named = keys.length > KEYS_NAMED ? `${keys.slice(0, KEYS_NAMED).join(", ")} and ${keys.length - KEYS_NAMED} more` : keys.join(", ");
  const todo = `its assets are ${named || "none"}; name the right product, or the asset in productTable's aliases`;
  return { what: `item has no asset for band ${band.name}`, where: `item ${item.id}`, todo };
}

function aliasesOf(sensor: Sensor, band: string): readonly string[] {
  return Object.hasOwn(sensor.aliases, band) ? (sensor.aliases[band] ?? []) : [];
}

function isOf(item: StacItem, sensor: Sensor): boolean {
  if (item.platform === undefined) return sensor.idPrefixes.some((prefix) => item.id.startsWith(prefix));
  const platform = plainName(item.platform);
  return sensor.platforms.some((name) => plainName(name) === platform);
}

function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

/** `SR_B4.TIF`, as the USGS once called it, is `sr_b4`. */
function plainKey(key: string): string {
  return key.toLowerCase().replace(/\.tiff?$/, "");
}
