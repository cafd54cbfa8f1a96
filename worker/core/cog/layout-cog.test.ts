import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { blockCount, type CogImage, cogLevelSizes } from "./cog-image.ts";
import { blockOrder, layoutCog } from "./layout-cog.ts";

const utm18: CogImage["crs"] = { type: "projected", epsg: 32618, citation: "WGS 84 / UTM zone 18N" };

function image(over: Partial<CogImage> & { width?: number; height?: number; blockBytes?: (block: number) => number } = {}): CogImage {
  const { width = 1300, height = 700, blockBytes = () => 1000, ...rest } = over;
  const blockSize = rest.blockSize ?? 512;
  const levels = cogLevelSizes(width, height, blockSize).map((size) => ({
    ...size,
    blockByteCounts: Array.from({ length: blockCount(size, blockSize) }, (_, block) => blockBytes(block)),
  }));
  return {
    sampleType: "float32",
    blockSize,
    levels,
    crs: utm18,
    affine: [30, 0, 411000, 0, -30, 4722000],
    description: "mean NDVI",
    ...rest,
  };
}

/** A directory as read back: tag -> numbers or text. */
type Parsed = { readonly at: number; readonly tags: ReadonlyMap<number, readonly number[] | string> };

/** A second reading of the TIFF specification, for classic and BigTIFF, sharing nothing with the writer. */
function parse(bytes: Uint8Array): readonly Parsed[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  expect(view.getUint16(0, true)).toBe(0x4949);
  const big = view.getUint16(2, true) === 43;
  const offset = (at: number) => (big ? Number(view.getBigUint64(at, true)) : view.getUint32(at, true));
  const [countBytes, entryBytes, inlineBytes] = big ? [8, 20, 8] : [2, 12, 4];
  const readers: Record<number, [number, (at: number) => number]> = {
    3: [2, (at) => view.getUint16(at, true)],
    4: [4, (at) => view.getUint32(at, true)],
    12: [8, (at) => view.getFloat64(at, true)],
    16: [8, (at) => Number(view.getBigUint64(at, true))],
  };
  const directories: Parsed[] = [];
  let at = offset(big ? 8 : 4);
  while (at !== 0) {
    const entries = big ? offset(at) : view.getUint16(at, true);
    const tags = new Map<number, readonly number[] | string>();
    for (let entry = at + countBytes; entry < at + countBytes + entries * entryBytes; entry += entryBytes) {
      const type = view.getUint16(entry + 2, true);
      const count = offset(entry + 4);
      const [size, read] = readers[type] ?? [1, () => 0];
      const field = entry + 4 + inlineBytes;
      const place = size * count > inlineBytes ? offset(field) : field;
      const text = new TextDecoder().decode(bytes.subarray(place, place + count - 1));
      tags.set(view.getUint16(entry, true), type === 2 ? text : Array.from({ length: count }, (_, i) => read(place + i * size)));
    }
    directories.push({ at, tags });
    at = offset(at + countBytes + entries * entryBytes);
  }
  return directories;
}

describe("layoutCog", () => {
  test("starts with GDAL's ghost area, directly followed by the first directory", () => {
    const { header } = layoutCog(image());
    const text = new TextDecoder("latin1").decode(header.subarray(8, 191));
    expect(text).toBe(
      "GDAL_STRUCTURAL_METADATA_SIZE=000140 bytes\nLAYOUT=IFDS_BEFORE_DATA\nBLOCK_ORDER=ROW_MAJOR\n" +
        "BLOCK_LEADER=SIZE_AS_UINT4\nBLOCK_TRAILER=LAST_4_BYTES_REPEATED\nKNOWN_INCOMPATIBLE_EDITION=NO\n ",
    );
    expect(parse(header)[0]?.at).toBe(192);
  });

  test("describes float32 with predictor 3 and nodata nan in every level, place and names only in the first", () => {
    const [full, half, quarter, ...more] = parse(layoutCog(image()).header);
    expect(more).toHaveLength(0);
    expect(Object.fromEntries(full?.tags ?? [])).toMatchObject({
      256: [1300],
      257: [700],
      258: [32],
      259: [8],
      277: [1],
      284: [1],
      317: [3],
      322: [512],
      323: [512],
      339: [3],
      33550: [30, 30, 0],
      33922: [0, 0, 0, 411000, 4722000, 0],
      42113: "nan",
      34735: [1, 1, 0, 4, 1024, 0, 1, 1, 1025, 0, 1, 1, 1026, 34737, 22, 0, 3072, 0, 1, 32618],
      34737: "WGS 84 / UTM zone 18N|",
      42112: '<GDALMetadata>\n  <Item name="DESCRIPTION" sample="0" role="description">mean NDVI</Item>\n</GDALMetadata>\n',
    });
    expect(full?.tags.has(254)).toBe(false);
    expect(
      [half, quarter].map((level) => [level?.tags.get(254), level?.tags.get(256), level?.tags.get(257), level?.tags.get(42113)]),
    ).toEqual([
      [[1], [650], [350], "nan"],
      [[1], [325], [175], "nan"],
    ]);
    expect(half?.tags.has(33550)).toBe(false);
  });

  test("describes uint16 with predictor 2 and no nodata", () => {
    const tags = Object.fromEntries(parse(layoutCog(image({ sampleType: "uint16" })).header)[0]?.tags ?? []);
    expect(tags).toMatchObject({ 258: [16], 317: [2], 339: [1] });
    expect(tags[42113]).toBeUndefined();
  });

  test("writes a turned grid as ModelTransformation, and a geographic CRS under its own key", () => {
    const turned = image({ affine: [20, 5, 100, 6, -30, 200], crs: { type: "geographic", epsg: 4326, citation: "WGS 84" } });
    const tags = parse(layoutCog(turned).header)[0]?.tags;
    expect(tags?.get(34264)).toEqual([20, 5, 0, 100, 6, -30, 0, 200, 0, 0, 0, 0, 0, 0, 0, 1]);
    expect(tags?.get(34735)).toEqual([1, 1, 0, 4, 1024, 0, 1, 2, 1025, 0, 1, 1, 1026, 34737, 7, 0, 2048, 0, 1, 4326]);
  });

  test("writes a user-defined CRS by its keys, measures as doubles", () => {
    const userDefined = {
      GTCitationGeoKey: "mine",
      ProjectedCSTypeGeoKey: 32767,
      ProjCoordTransGeoKey: 10,
      ProjCenterLatGeoKey: -30,
      PCSCitationGeoKey: "a|b",
    };
    const tags = parse(layoutCog(image({ crs: { type: "projected", epsg: undefined, citation: "other", userDefined } })).header)[0]?.tags;
    const keys = [1024, 0, 1, 1, 1025, 0, 1, 1, 1026, 34737, 5, 0, 3072, 0, 1, 32767, 3073, 34737, 4, 5, 3075, 0, 1, 10, 3089, 34736, 1, 0];
    expect(tags?.get(34735)).toEqual([1, 1, 0, 7, ...keys]);
    expect(tags?.get(34736)).toEqual([-30]);
    expect(tags?.get(34737)).toBe("mine|a|b|");
  });

  test("escapes the description", () => {
    const tags = parse(layoutCog(image({ description: "a<b & c" })).header)[0]?.tags;
    expect(tags?.get(42112)).toContain(">a&lt;b &amp; c</Item>");
  });

  test("turns to BigTIFF less than 64 MiB before 4 GiB", () => {
    const limit = 2 ** 32 - 64 * 2 ** 20;
    const of = (bytes: number) => layoutCog(image({ width: 512, height: 512, blockBytes: () => bytes }));
    const overhead = of(1000).totalBytes - 1000;
    expect(of(limit - overhead)).toMatchObject({ flavour: "classic", totalBytes: limit });
    expect(of(limit - overhead + 1).flavour).toBe("big");
  });

  test("writes the smallest overview's blocks first and skips blocks that are left out", () => {
    const sparse = image({ blockBytes: (block) => (block === 1 ? 0 : 100) });
    const { blockOffsets, header } = layoutCog(sparse);
    expect([...blockOrder(sparse)].map(({ level, index }) => `${level}.${index}`)).toEqual([
      "2.0",
      "1.0",
      "0.0",
      "0.2",
      "0.3",
      "0.4",
      "0.5",
    ]);
    expect(blockOffsets[2]?.[0]).toBe(header.byteLength + 4);
    expect(blockOffsets[0]?.[1]).toBe(0);
  });

  test("refuses block sizes that do not belong to the image", () => {
    const wrong = image();
    const levels = wrong.levels.map((level) => ({ ...level, blockByteCounts: [1000] }));
    expect(() => layoutCog({ ...wrong, levels })).toThrow("COG level 0 of 1300 x 700 has 1 block sizes instead of 6");
    expect(() => layoutCog(image({ blockBytes: () => 3 }))).toThrow("block 0 has 3 bytes");
  });

  test("any image reads back; directories, values and blocks lie inside the file and never overlap", () => {
    const bytes = fc.oneof(fc.constant(0), fc.integer({ min: 8, max: 5000 }), fc.integer({ min: 2 ** 28, max: 2 ** 31 }));
    const images = fc.tuple(
      fc.integer({ min: 1, max: 900 }),
      fc.integer({ min: 1, max: 900 }),
      fc.array(bytes, { minLength: 1, maxLength: 40 }),
      fc.boolean(),
    );
    fc.assert(
      fc.property(images, ([width, height, counts, float]) => {
        const one = image({
          width,
          height,
          blockSize: 64,
          sampleType: float ? "float32" : "uint16",
          blockBytes: (block) => counts[block % counts.length] ?? 8,
        });
        const layout = layoutCog(one);
        const directories = parse(layout.header);
        expect(directories.map((level) => level.tags.get(324))).toEqual(layout.blockOffsets);
        expect(directories.map((level) => level.tags.get(325))).toEqual(one.levels.map((level) => level.blockByteCounts));
        expect(directories.every((level, i) => i === 0 || level.at > (directories[i - 1]?.at ?? 0))).toBe(true);
        let end = layout.header.byteLength;
        for (const { level, index, bytes } of blockOrder(one)) {
          expect(layout.blockOffsets[level]?.[index]).toBe(end + 4);
          end += 8 + bytes;
        }
        expect(layout.totalBytes).toBe(end);
        expect(layout.flavour).toBe(end <= 2 ** 32 - 64 * 2 ** 20 ? "classic" : layout.flavour);
        expect(layoutCog(one)).toEqual(layout);
      }),
      { numRuns: 60 },
    );
  });
});

describe("cogLevelSizes", () => {
  test.each([
    ["one block has no overview", 512, 512, [[512, 512]]],
    ["a small image has no overview", 100, 60, [[100, 60]]],
    [
      "one pixel more has one, rounded up",
      513,
      512,
      [
        [513, 512],
        [257, 256],
      ],
    ],
    [
      "a long strip is halved until it fits",
      2049,
      1,
      [
        [2049, 1],
        [1025, 1],
        [513, 1],
        [257, 1],
      ],
    ],
  ])("%s", (_name, width, height, want) => {
    expect(cogLevelSizes(width, height, 512).map((size) => [size.width, size.height])).toEqual(want);
  });
});
