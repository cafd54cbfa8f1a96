import { describe, expect, it } from "vitest";
import { geobox, sourceRaster } from "../../../test/support/builders.ts";
import { blocksOfWindow, decodedBytes, sampleBytes, storedRows } from "./source-raster.ts";

const tiled = sourceRaster({ box: geobox({ height: 1000, width: 1300 }), block: [512, 512] });
const strips = sourceRaster({ box: geobox({ height: 1000, width: 1300 }), block: [300, 1300], encoding: { sampleType: "uint8" } });

describe("a raster's blocks", () => {
  it.each([
    ["tiles at the lower edge are padded", tiled, 5, 512, 512 * 512 * 2],
    ["strips are whole", strips, 2, 300, 300 * 1300],
    ["but the last, which is short", strips, 3, 100, 100 * 1300],
  ])("%s", (_name, raster, block, wantRows, wantBytes) => {
    expect([storedRows(raster, block), decodedBytes(raster, block)]).toEqual([wantRows, wantBytes]);
  });

  it.each([
    ["one pixel", { row0: 511, col0: 512, row1: 512, col1: 513 }, { row0: 0, col0: 1, row1: 1, col1: 2 }],
    ["exactly a tile", { row0: 512, col0: 512, row1: 1000, col1: 1024 }, { row0: 1, col0: 1, row1: 2, col1: 2 }],
    ["the whole image", { row0: 0, col0: 0, row1: 1000, col1: 1300 }, { row0: 0, col0: 0, row1: 2, col1: 3 }],
  ])("of %s are found", (_name, window, want) => {
    expect(blocksOfWindow(tiled, window)).toEqual(want);
  });

  it.each([
    ["uint8", 1],
    ["int8", 1],
    ["uint16", 2],
    ["int16", 2],
    ["uint32", 4],
    ["int32", 4],
  ] as const)("samples of %s have %d bytes", (type, want) => {
    expect(sampleBytes(type)).toBe(want);
  });
});
