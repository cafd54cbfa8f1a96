/**
 * `mayfly explain` against the images that `mayfly run` writes of the same job, and against the scenes' own files: the images and files are read with
 * geotiff, which shares no code with the engine.
 */
import { readdirSync } from "node:fs";
import path from "node:path";
import { fromFile } from "geotiff";
import { describe, expect, it } from "vitest";

import type { DayRecord, Explanation } from "../../worker/core/explain/explanation.ts";
import { changeSpec, copyExample, exampleJob } from "../support/example.ts";
import { explainPixels } from "../support/explain.ts";
import { writeJob, type JobOptions } from "../support/job.ts";
import { seededRandom } from "../support/kernel-pair.ts";
import { runJob, set } from "../support/mayfly.ts";
import { pythonIsReady } from "../support/python.ts";
import { scenes, type SceneOptions } from "../support/scenes.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const work = temporaryDirectory();
let jobs = 0;

type Image = { readonly width: number; readonly height: number; readonly data: ArrayLike<number> };

async function readImage(file: string): Promise<Image> {
  const tiff = await fromFile(file);
  try {
    const image = await tiff.getImage();
    const [data] = (await image.readRasters()) as unknown as readonly [ArrayLike<number>]; // one band
    return { width: image.getWidth(), height: image.getHeight(), data };
  } finally {
    await tiff.close();
  }
}

/** All images of a result, by name without `.tif`. */
async function readImages(folder: string): Promise<ReadonlyMap<string, Image>> {
  const names = readdirSync(folder).filter((name) => name.endsWith(".tif"));
  return new Map(
    await Promise.all(names.map(async (name) => [name.replace(/\.tif$/, ""), await readImage(path.join(folder, name))] as const)),
  );
}

/** Corners, and pixels from anywhere. */
function somePixels({ width, height }: Image, count: number): readonly { type: "pixel"; row: number; col: number }[] {
  const random = seededRandom(11);
  const corners = [0, height - 1].flatMap((row) => [0, width - 1].map((col) => ({ type: "pixel" as const, row, col })));
  const others = Array.from({ length: count }, () => ({
    type: "pixel" as const,
    row: Math.floor(random() * height),
    col: Math.floor(random() * width),
  }));
  return [...corners, ...others];
}

/** Runs the job and explains pixels of it; what the images hold there must be what explain says, bit for bit. */
async function explainedLikeImages(job: string, settings: readonly string[], count: number): Promise<readonly Explanation[]> {
  const out = path.join(work, `result-${++jobs}`);
  await runJob(job, out, set(...settings));
  const images = await readImages(out);
  const first = [...images.values()][0];
  if (!first) throw new Error(`${out} has no image`);
  const explained = (await explainPixels(job, settings, somePixels(first, count))).map(({ explanation }) => explanation);
  for (const { pixel, groups } of explained) {
    const at = pixel.row * first.width + pixel.col;
    const said = groups.flatMap(({ name, indices }) =>
      indices.flatMap((index) => [
        [`${index.name}_${name}`, index.value ?? Number.NaN],
        [`${index.name}_${name}_count`, index.count],
      ]),
    );
    const written = said.map(([name]) => [name, images.get(String(name))?.data[at]]);
    expect({ pixel, values: said }).toEqual({ pixel, values: written });
    expect(said).toHaveLength(images.size);
  }
  return explained;
}

const statistics: Readonly<Record<string, (kept: readonly number[]) => number>> = {
  // In float64 and in order of time.
  mean: (kept) => kept.reduce((sum, number) => sum + number, 0) / kept.length,
  median: (kept) => {
    const sorted = kept.toSorted((a, b) => a - b);
    return ((sorted[(kept.length - 1) >> 1] ?? Number.NaN) + (sorted[kept.length >> 1] ?? Number.NaN)) / 2;
  },
};

/** What the days say must give what the groups say: the count and the statistic. */
function expectDaysToGiveGroups({ days, groups, statistic }: Explanation): void {
  for (const group of groups) {
    group.indices.forEach(({ value, count }, i) => {
      const kept = days.filter((day) => day.group === group.name && day.indices[i]?.kept).map((day) => Number(day.indices[i]?.value));
      expect(kept).toHaveLength(count);
      expect(Math.fround(statistics[statistic]?.(kept) ?? Infinity)).toBe(value ?? Number.NaN);
    });
  }
}

/** The engine's verdict and the words for it must agree, on every day. */
function expectWordsToFit(day: DayRecord): void {
  for (const { kept, reasons } of day.indices) {
    expect({ day, kept }).toEqual({ day, kept: reasons.length === 0 });
    expect(reasons).not.toContain("left out");
  }
}

/** Stored numbers that are used, by hand to a raw NDVI in float32. */
function expectItemsToGiveNdvi({ items, indices }: DayRecord): void {
  const used = (band: string) => Number(items.map(({ bands }) => bands[band]).find((b) => b?.state === "used")?.stored ?? Number.NaN);
  const [nir, red] = [used("nir08"), used("red")];
  const ndvi = Math.fround(Math.fround(nir - red) / Math.fround(nir + red));
  expect(indices[0]?.value ?? Number.NaN).toBe(ndvi);
}

function expectAllToFit(explained: readonly Explanation[]): void {
  for (const explanation of explained) {
    expectDaysToGiveGroups(explanation);
    explanation.days.forEach(expectWordsToFit);
  }
}

const verdicts = (explained: readonly Explanation[]): ReadonlySet<string> =>
  new Set(explained.flatMap(({ days }) => days.flatMap((day) => day.indices.flatMap(({ reasons }) => reasons))));

describe("nineteen real scenes on nineteen grids", () => {
  it("have every value and count as in the images, and days that give them", async () => {
    const explained = await explainedLikeImages(exampleJob, [], 60);
    expectAllToFit(explained);
    explained.flatMap(({ days }) => days).forEach(expectItemsToGiveNdvi);
    expect([...verdicts(explained)]).toEqual(
      expect.arrayContaining(["outside the scene", "qa_pixel is nodata", "cloud is high_confidence, the mask wants not_high_confidence"]),
    );
  });

  const changes: readonly { readonly name: string; readonly settings?: readonly string[]; readonly indices?: readonly object[] }[] = [
    { name: "with several indices", indices: [{ name: "ndvi" }, { name: "turned", normalizedDifference: ["red", "nir08"] }] },
    {
      name: "the median of a plain band and an index",
      indices: [{ name: "red", band: "B4" }, { name: "ndvi" }],
      settings: ["spec.reduce={by: all, statistic: median}"],
    },
    { name: "in another CRS, by month", settings: ["spec.grid.crs=EPSG:4326", "spec.grid.resolution=0.031", "spec.reduce.by=month"] },
    { name: "with nearest", settings: ['spec.resampling={"*": nearest}'] },
  ];
  it.each(changes)("$name", async ({ settings = [], indices }) => {
    const job = copyExample(path.join(work, `example-${++jobs}`));
    if (indices) changeSpec(job, (spec) => Object.assign(spec, { index: undefined, indices }));
    expectAllToFit(await explainedLikeImages(job, settings, 15));
  });

  it("with a valid range", async () => {
    const explained = await explainedLikeImages(exampleJob, ["spec.mask.validRange={min: 7500, max: 9000}"], 15);
    expectAllToFit(explained);
    expect([...verdicts(explained)].filter((word) => /^(red|nir08) [\d.]+ is outside validRange 7500-9000$/.test(word))).not.toEqual([]);
  });
});

type Row = { readonly name: string; readonly scenes: SceneOptions; readonly job?: Omit<JobOptions, "scenes"> };

const small = { size: 700, dates: 4 } as const;

const rows: readonly Row[] = [
  { name: "aligned, two rows of a path", scenes: { ...small, layout: "rows" } },
  { name: "half a pixel off", scenes: { ...small, offsetMetres: 15 } },
  { name: "twice as coarse, half a pixel off", scenes: { ...small, offsetMetres: 15 }, job: { resolution: 60, values: "raw" } },
  { name: "two UTM zones in Australian Albers", scenes: { ...small, layout: "zones" }, job: { crs: "EPSG:3577" } },
];

// Skipped where `npm test` could not make the Python environment that makes the scenes; it says why.
describe.skipIf(!pythonIsReady)("made-up scenes", () => {
  it.each(rows)("$name: as in the images", async ({ scenes: options, job }) => {
    const manifest = writeJob(work, `job-${++jobs}`, { scenes: await scenes(options), ...job });
    expectAllToFit(await explainedLikeImages(manifest, [], 40));
  });

  it("on their own lattice, a stored number is the file's", async () => {
    const directory = await scenes(small);
    const manifest = writeJob(work, `job-${++jobs}`, { scenes: directory, crs: "native" });
    const files = new Map<string, Image>();
    const image = async (item: string, band: string): Promise<Image> => {
      const file = path.join(directory, `${item}_${band}.tif`);
      const read = files.get(file) ?? (await readImage(file));
      files.set(file, read);
      return read;
    };
    const first = await explainPixels(manifest, [], [{ type: "pixel", row: 0, col: 0 }]);
    const { height, width } = first[0]?.explanation.grid ?? { height: 0, width: 0 };
    const explained = await explainPixels(manifest, [], somePixels({ height, width, data: [] }, 30));
    const samples = explained.flatMap(({ explanation: { days, pixel } }) =>
      days.flatMap(({ items }) =>
        items.flatMap(({ id, bands }) => Object.entries(bands).map(([band, sample]) => ({ pixel, id, band, ...sample }))),
      ),
    );
    for (const { pixel, id, band, stored, state } of samples) {
      const { data, width: fileWidth } = await image(id, band);
      const number = data[pixel.row * fileWidth + pixel.col];
      if (state === "used") expect({ pixel, id, band, stored }).toEqual({ pixel, id, band, stored: number });
      else expect({ pixel, id, band, state, number }).toEqual({ pixel, id, band, state: "nodata", number: band === "qa_pixel" ? 1 : 0 });
    }
    expect(samples).toHaveLength(34 * 4 * 3);
  });
});
