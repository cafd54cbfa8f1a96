/** The demo's job over nineteen small real scenes (examples/ndvi-ny-2018), and copies of it that a test may spoil. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parse, stringify } from "yaml";

import { projectRoot } from "./project.ts";

const directory = path.join(projectRoot, "examples/ndvi-ny-2018");

/** The manifest as it stands. */
export const exampleJob = path.join(directory, "job.yaml");

/** A copy of manifest, items and images, 500 KiB, in a directory that is made; gives the path of its manifest. */
export function copyExample(into: string): string {
  cpSync(directory, into, { recursive: true });
  return path.join(into, "job.yaml");
}

/** The part of a manifest that a test changes; the example's own fields. */
export type ExampleSpec = Record<string, unknown>;

/** Writes the manifest `job` anew with its spec changed. */
export function changeSpec(job: string, change: (spec: ExampleSpec) => void): void {
  const manifest = parse(readFileSync(job, "utf8")) as { spec: ExampleSpec }; // the example's manifest has a spec
  change(manifest.spec);
  writeFileSync(job, stringify(manifest));
}

/** A STAC item as far as tests change it. */
export type ExampleItem = {
  id: string;
  readonly properties: Record<string, unknown>;
  readonly assets: Record<string, { href: string }>;
};

/** Writes the items.json beside the manifest `job` anew with its items changed. */
export function changeItems(job: string, change: (items: ExampleItem[]) => void): void {
  const file = path.join(path.dirname(job), "items.json");
  const list = JSON.parse(readFileSync(file, "utf8")) as { features: ExampleItem[] }; // a FeatureCollection of STAC items
  change(list.features);
  writeFileSync(file, JSON.stringify(list));
}
