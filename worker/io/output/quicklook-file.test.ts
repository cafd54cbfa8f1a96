import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PNG } from "pngjs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { layoutPicture } from "../../core/quicklook/picture-layout.ts";
import type { Picture } from "../../core/quicklook/picture.ts";
import { writeQuicklook } from "./quicklook-file.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mayfly-quicklook-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Two columns: the left one without observation, the right one with a value a row. */
const picture: Picture = {
  index: "ndvi",
  group: "DJF",
  firstDate: "2018-01-06",
  lastDate: "2018-12-17",
  solarDays: 7,
  scenes: 8,
  crsName: "EPSG:32618",
  resolution: [30, 30],
  unitIsDegrees: false,
  raster: { width: 2, height: 2, data: Float32Array.of(Number.NaN, 0.1, Number.NaN, 0.9) },
};

test("the picture is 1,200 px wide, has dark text in the title, and the raster where the layout says", async () => {
  const path = join(folder, "quicklook_DJF.png");
  await writeQuicklook(path, picture);
  const png = PNG.sync.read(await readFile(path));
  const layout = layoutPicture(picture);
  expect([png.width, png.height]).toEqual([1200, layout.height]);
  const colour = (x: number, y: number): string => png.data.subarray((y * png.width + x) * 4, (y * png.width + x) * 4 + 3).toString("hex");
  const { x, y, width, height } = layout.map;
  expect([colour(x, y), colour(x + width - 1, y), colour(x + width - 1, y + height - 1)]).toEqual(["bcc0c4", "6b3e1f", "0b4a2a"]);
  const title = Array.from({ length: 400 }, (_, i) => colour(40 + i, 62));
  expect(title).toContain("1c2126");
  expect(title).toContain("ffffff");
});

test("the same picture gives the same bytes", async () => {
  const paths = ["one.png", "two.png"].map((name) => join(folder, name));
  for (const path of paths) await writeQuicklook(path, picture);
  const [one, two] = await Promise.all(paths.map((path) => readFile(path)));
  expect(one?.equals(two ?? Buffer.alloc(0))).toBe(true);
});

test("a directory that is not there is an OutputError", async () => {
  const path = join(folder, "none", "x.png");
  await expect(writeQuicklook(path, picture)).rejects.toMatchObject({ tag: "OutputError", problems: [{ where: path }] });
});
