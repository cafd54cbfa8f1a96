import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PNG } from "pngjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Box, layoutPicture, pictureMargin } from "../../core/quicklook/picture-layout.ts";
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
  statistic: "mean",
  unit: "",
  group: "DJF",
  firstDate: "2018-01-06",
  lastDate: "2018-12-17",
  solarDays: 7,
  scenes: 8,
  crsName: "EPSG:32618",
  resolution: [30, 30],
  unitIsDegrees: false,
  raster: { width: 2, height: 2, data: Float32Array.of(Number.NaN, 0.1, Number.NaN, 0.9) },
  gridWidth: 2,
};

const [white, ink, softInk] = ["ffffff", "1c2126", "555d66"];

/** A written picture as another program reads it. */
async function drawn(over: Partial<Picture> = {}) {
  const path = join(folder, "quicklook_DJF.png");
  await writeQuicklook(path, { ...picture, ...over });
  const png = PNG.sync.read(await readFile(path));
  const colour = (x: number, y: number): string => png.data.subarray((y * png.width + x) * 4, (y * png.width + x) * 4 + 3).toString("hex");
  const coloursIn = (box: Box): readonly string[] =>
    Array.from({ length: box.width * box.height }, (_, i) => colour(box.x + (i % box.width), box.y + Math.floor(i / box.width)));
  return { width: png.width, height: png.height, colour, coloursIn };
}

test("the picture is 1,200 px wide, and the raster is where the layout says", async () => {
  const { width, height, colour } = await drawn();
  const { map, height: wantHeight } = layoutPicture(picture);
  expect([width, height]).toEqual([1200, wantHeight]);
  const [right, bottom] = [map.x + map.width - 1, map.y + map.height - 1];
  expect([colour(map.x, map.y), colour(map.x, bottom)]).toEqual(["bcc0c4", "bcc0c4"]);
  expect([colour(right, map.y), colour(right, bottom)]).toEqual(["6b3e1f", "0b4a2a"]);
  expect([colour(map.x - 1, map.y), colour(right + 1, bottom)]).toEqual(["8b929a", "8b929a"]);
});

test("the scale bar measures the grid, not the overview that is drawn", async () => {
  // 2 columns of 30 m are 60 m, drawn `map.width` wide; as an overview of 8 columns the same picture is 240 m wide.
  const barOf = async (gridWidth: number): Promise<number> => {
    const { coloursIn } = await drawn({ gridWidth });
    const { footerY } = layoutPicture(picture);
    return coloursIn({ x: 36, y: footerY + 19, width: 400, height: 1 }).filter((colour) => colour === ink).length;
  };
  const metresPerPixel = (gridWidth: number): number => (gridWidth * 30) / layoutPicture(picture).map.width;
  const lengths = [(await barOf(2)) * metresPerPixel(2), (await barOf(8)) * metresPerPixel(8)];
  // Round lengths: 1, 2 or 5 times a power of ten.
  for (const metres of lengths)
    expect(Math.min(...[1, 2, 5, 10, 20, 50, 100].map((round) => Math.abs(metres / round - 1)))).toBeLessThan(0.03);
  expect(lengths[1]).toBeGreaterThan(2 * (lengths[0] ?? 0));
});

describe("words", () => {
  const titleLine = { x: pictureMargin, y: 40, width: 1120, height: 44 };
  const subtitleLine = { x: pictureMargin, y: 92, width: 1120, height: 24 };

  test("title and subtitle are written in dark ink with smooth edges", async () => {
    const { coloursIn } = await drawn();
    const title = coloursIn(titleLine);
    expect(title.filter((colour) => colour === ink).length).toBeGreaterThan(2000);
    expect(new Set(title).size).toBeGreaterThan(10);
    expect(title.filter((colour) => colour === white).length).toBeGreaterThan(title.length / 2);
    expect(coloursIn(subtitleLine).filter((colour) => colour === softInk).length).toBeGreaterThan(200);
  });

  test("under the map there are a north arrow, a scale bar, the no-data swatch and the colour bar with numbers", async () => {
    const { colour, coloursIn } = await drawn();
    const { footerY } = layoutPicture(picture);
    expect(colour(50, footerY)).toBe(ink);
    expect(colour(100, footerY + 19)).toBe(ink);
    expect(colour(415, footerY + 10)).toBe("bcc0c4");
    expect([colour(746, footerY + 10), colour(1145, footerY + 10)]).toEqual(["6b3e1f", "0b4a2a"]);
    expect(coloursIn({ x: 720, y: footerY + 28, width: 440, height: 16 })).toContain(ink);
  });

  test("long names become smaller: nothing stands in the margins", async () => {
    const { coloursIn, height } = await drawn({ index: "x".repeat(60), group: "LONG-".repeat(8), crsName: "a name ".repeat(25) });
    expect(coloursIn(titleLine)).toContain(ink);
    const margins = [0, 1200 - pictureMargin + 16].flatMap((x) => coloursIn({ x, y: 0, width: pictureMargin - 16, height }));
    expect(new Set([...margins, ...coloursIn({ x: 0, y: 0, width: 1200, height: 40 })])).toEqual(new Set([white]));
  });

  test("characters that the typeface lacks are boxes, not gaps", async () => {
    const [some, none] = [await drawn({ group: "漢字" }), await drawn({ group: "" })];
    const inkIn = (coloursIn: typeof some.coloursIn): number => coloursIn(titleLine).filter((colour) => colour === ink).length;
    expect(inkIn(some.coloursIn)).toBeGreaterThan(inkIn(none.coloursIn) + 50);
  });
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
