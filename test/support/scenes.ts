/**
 * Made-up Landsat-like scenes (test/parity/python/make_scenes.py), made once for each set of arguments and kept in the cache.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";

import { cachedDirectory, projectRoot } from "./project.ts";
import { runScript } from "./python.ts";

/** The arguments of make_scenes.py; its header says what each means. */
export type SceneOptions = {
  readonly size: number;
  readonly dates: number;
  readonly seed?: number;
  readonly layout?: "single" | "rows" | "zones";
  readonly offsetMetres?: number;
  readonly time?: string;
  readonly overviews?: boolean;
  /** The first date, and over how many days they are spread. */
  readonly first?: string;
  readonly days?: number;
};

/** A directory with items.json and the images it names. Nothing may be written there: other runs read it. */
export async function scenes(options: SceneOptions): Promise<string> {
  const args = sceneArguments(options);
  const script = readFileSync(path.join(projectRoot, "test/parity/python/make_scenes.py"));
  const key = createHash("sha256").update(script).update(JSON.stringify(args)).digest("hex").slice(0, 12);
  return cachedDirectory(`scenes-${options.size}x${options.dates}-${key}`, async (directory) => {
    const result = await runScript("make_scenes.py", [directory, ...args]);
    if (result.status !== 0) throw new Error(`make_scenes.py ${args.join(" ")} ended with ${result.status}: ${result.stderr}`);
  });
}

/** The same scenes as other_product.py makes them: Geoscience Australia's, and flag bands of other types. */
export async function otherProductScenes(options: SceneOptions): Promise<string> {
  const made = await scenes(options);
  const script = readFileSync(path.join(projectRoot, "test/parity/python/other_product.py"));
  const key = createHash("sha256").update(script).update(path.basename(made)).digest("hex").slice(0, 12);
  return cachedDirectory(`other-product-${options.size}x${options.dates}-${key}`, async (directory) => {
    const result = await runScript("other_product.py", [made, directory]);
    if (result.status !== 0) throw new Error(`other_product.py ended with ${result.status}: ${result.stderr}`);
  });
}

function sceneArguments(options: SceneOptions): string[] {
  const { size, dates, seed = 1, layout = "single", offsetMetres = 0, time = "00:05:30", overviews = false } = options;
  const args = ["--size", size, "--dates", dates, "--seed", seed, "--layout", layout, "--offset", offsetMetres, "--time", time];
  const { first, days } = options;
  const spread = [...(first === undefined ? [] : ["--first", first]), ...(days === undefined ? [] : ["--days", String(days)])];
  return [...args.map(String), ...(overviews ? ["--overviews"] : []), ...spread];
}
