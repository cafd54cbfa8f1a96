/** Items whose images lie somewhere else than the items do. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

type Items = { readonly features: { readonly assets: Record<string, { href: string }> }[] };

/** Writes the items of `<directory>/items.json` into `into`, each href as `address(path below the directory)`; gives `into`. */
export function itemsElsewhere(directory: string, into: string, address: (place: string) => string): string {
  const items = JSON.parse(readFileSync(path.join(directory, "items.json"), "utf8")) as Items; // a FeatureCollection of STAC items
  for (const { assets } of items.features)
    for (const asset of Object.values(assets)) asset.href = address(path.relative(directory, path.resolve(directory, asset.href)));
  writeFileSync(path.join(into, "items.json"), JSON.stringify(items));
  return into;
}
