import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { fromArrayBuffer } from "geotiff";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CogImage, cogLevelSizes, type LevelSize } from "../../core/cog/cog-image.ts";
import { layoutCog } from "../../core/cog/layout-cog.ts";
import { writeCog } from "./cog-file.ts";

type SampleType = CogImage["sampleType"];
type Encoded = { readonly image: CogImage; readonly blocks: readonly (readonly Uint8Array[])[] };

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mayfly-cog-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const blockSize = 512;
const unaborted = new AbortController().signal;

/** A pixel's value: smooth, with a hole of nodata in float32. Overviews hold their own formula: nothing is resampled here. */
function sample(type: SampleType, level: number, [row, col]: readonly [number, number]): number {
  if (type === "uint16") return (row * 31 + col * 7 + level * 1000) % 65536;
  return (row + col) % 11 === 0 ? Number.NaN : Math.fround(Math.sin(row / 50) * Math.cos(col / 70) + level);
}

/** One row of one block, encoded. Predictor 3: most significant bytes of the whole row first, then byte differences (Adobe TIFF note 3). */
function encodeRow(type: SampleType, values: readonly number[]): Uint8Array {
  const size = type === "float32" ? 4 : 2;
  const out = new Uint8Array(values.length * size);
  const view = new DataView(out.buffer);
  if (type === "uint16") {
    values.forEach((value, i) => view.setUint16(2 * i, value - (values[i - 1] ?? 0), true));
    return out;
  }
  const scratch = new DataView(new ArrayBuffer(4));
  values.forEach((value, i) => {
    scratch.setFloat32(0, value, false);
    for (let byte = 0; byte < 4; byte++) out[byte * values.length + i] = scratch.getUint8(byte);
  });
  for (let i = out.length - 1; i > 0; i--) out[i] = (out[i] ?? 0) - (out[i - 1] ?? 0);
  return out;
}

function encodeBlock(type: SampleType, level: number, [top, left]: readonly [number, number]): Uint8Array {
  const cells = [...new Array(blockSize).keys()];
  return deflateSync(
    Buffer.concat(
      cells.map((row) =>
        encodeRow(
          type,
          cells.map((col) => sample(type, level, [top + row, left + col])),
        ),
      ),
    ),
    { level: 1 },
  );
}

function encodeLevel(type: SampleType, level: number, size: LevelSize): Uint8Array[] {
  const blocks: Uint8Array[] = [];
  for (let top = 0; top < size.height; top += blockSize) {
    for (let left = 0; left < size.width; left += blockSize) blocks.push(encodeBlock(type, level, [top, left]));
  }
  return blocks;
}

function encode(type: SampleType, width: number, height: number): Encoded {
  const sizes = cogLevelSizes(width, height, blockSize);
  const blocks = sizes.map((size, level) => encodeLevel(type, level, size));
  const levels = sizes.map((size, level) => ({ ...size, blockByteCounts: (blocks[level] ?? []).map((block) => block.byteLength) }));
  const crs = { type: "projected", epsg: 32618, citation: "WGS 84 / UTM zone 18N" } as const;
  return {
    image: { sampleType: type, blockSize, levels, crs, affine: [30, 0, 411000, 0, -30, 4722000], description: "mean NDVI of DJF" },
    blocks,
  };
}

function reader(encoded: Encoded): (level: number, index: number) => Promise<Uint8Array> {
  return async (level, index) => encoded.blocks[level]?.[index] ?? new Uint8Array();
}

describe("writeCog", () => {
  test.each([
    ["float32", 1300, 700],
    ["uint16", 1300, 700],
    ["float32", 512, 512],
    ["uint16", 100, 60],
  ] as const)("a %s image of %i x %i reads back in every level", async (type, width, height) => {
    const path = join(folder, `${type}-${width}.tif`);
    const encoded = encode(type, width, height);
    const written = await writeCog(path, encoded.image, reader(encoded), unaborted);
    const file = await readFile(path);
    expect(written).toEqual({ sha256: createHash("sha256").update(file).digest("hex"), bytes: file.byteLength });
    const tiff = await fromArrayBuffer(file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength));
    expect(await tiff.getImageCount()).toBe(encoded.image.levels.length);
    for (const [level, size] of encoded.image.levels.entries()) {
      const picture = await tiff.getImage(level);
      const [data] = await picture.readRasters({ interleave: false });
      const want = Array.from({ length: size.width * size.height }, (_, i) =>
        sample(type, level, [Math.floor(i / size.width), i % size.width]),
      );
      expect(
        Buffer.compare(Buffer.from(Float64Array.from(data as ArrayLike<number>).buffer), Buffer.from(Float64Array.from(want).buffer)),
      ).toBe(0);
    }
    expect((await tiff.getImage(0)).getBoundingBox()).toEqual([411000, 4722000 - 30 * height, 411000 + 30 * width, 4722000]);
  });

  test("every block stands between its length and its last four bytes, across the borders of the write buffer", async () => {
    const bytes = 1_234_567;
    const image = {
      ...encode("uint16", 100, 60).image,
      levels: [{ width: 512 * 11, height: 512, blockByteCounts: new Array<number>(11).fill(bytes) }],
    };
    const path = join(folder, "framed.tif");
    await writeCog(path, image, async (_level, index) => new Uint8Array(bytes).fill(index).fill(index + 100, -4), unaborted);
    const file = await readFile(path);
    for (const [index, at] of (layoutCog(image).blockOffsets[0] ?? []).entries()) {
      expect(file.readUInt32LE(at - 4)).toBe(bytes);
      expect(file[at]).toBe(index);
      expect([...file.subarray(at + bytes - 4, at + bytes + 4)]).toEqual(new Array<number>(8).fill(index + 100));
    }
  });

  test("the same blocks give the same bytes, over an older and longer file too", async () => {
    const encoded = encode("uint16", 100, 60);
    const path = join(folder, "same.tif");
    const first = await writeCog(path, encoded.image, reader(encoded), unaborted);
    await writeFile(path, new Uint8Array(1_000_000));
    expect(await writeCog(path, encoded.image, reader(encoded), unaborted)).toEqual(first);
    expect((await readFile(path)).byteLength).toBe(first.bytes);
  });

  test.each([
    ["a block that cannot be read", () => Promise.reject(new Error("journal gone")), "journal gone"],
    ["a block of another length", () => Promise.resolve(new Uint8Array(9)), "has 9 bytes instead of"],
  ])("%s leaves no file", async (_name, readBlock, message) => {
    const path = join(folder, "broken.tif");
    await expect(writeCog(path, encode("uint16", 100, 60).image, readBlock, unaborted)).rejects.toThrow(message);
    expect(await readdir(folder)).not.toContain("broken.tif");
  });

  test("an abort between two blocks leaves no file and throws the reason", async () => {
    const stop = new AbortController();
    const encoded = encode("uint16", 1300, 700);
    const path = join(folder, "stopped.tif");
    const readBlock = (level: number, index: number): Promise<Uint8Array> => {
      stop.abort(new Error("interrupted"));
      return reader(encoded)(level, index);
    };
    await expect(writeCog(path, encoded.image, readBlock, stop.signal)).rejects.toThrow("interrupted");
    expect(await readdir(folder)).not.toContain("stopped.tif");
  });

  test("a missing directory and a directory in the way are told apart from our own bugs", async () => {
    const encoded = encode("uint16", 100, 60);
    const missing = join(folder, "none", "x.tif");
    await expect(writeCog(missing, encoded.image, reader(encoded), unaborted)).rejects.toMatchObject({
      tag: "OutputError",
      problems: [{ where: missing }],
    });
    await expect(writeCog(folder, encoded.image, reader(encoded), unaborted)).rejects.toThrow(`a directory is in the way: ${folder}: `);
  });

  test("a full disk is an OutputError", async () => {
    const encoded = encode("uint16", 100, 60);
    // Through a link: the writer removes what it could not finish, and run by root that must not be the device.
    const path = join(folder, "full.tif");
    await symlink("/dev/full", path);
    await expect(writeCog(path, encoded.image, reader(encoded), unaborted)).rejects.toThrow(
      `no space left on the disk: ${path}: free some space`,
    );
    await expect(stat("/dev/full")).resolves.toBeDefined();
  });
});
