/** Whole images through the project's own reader, header to samples, without georeferencing, grid or threads. */
import type { Crs } from "../../worker/core/grid/crs.ts";
import { decodeBlock } from "../../worker/core/codec/decode-block.ts";
import { type Samples, sampleView } from "../../worker/core/codec/unpack-block.ts";
import { createSharedMemory, instantiateKernels } from "../../worker/core/kernels/kernels.ts";
import { sampleBytes, type SourceRaster, storedRows } from "../../worker/core/raster/source-raster.ts";
import { openTiff } from "../../worker/io/cog/read-raster.ts";
import type { ByteSource } from "../../worker/io/source/byte-source.ts";
import { kernelModule } from "./kernel-pair.ts";

/** One sample of an image, row-major; `mask` 0 = no pixel. */
export type ReadImage = {
  readonly height: number;
  readonly width: number;
  readonly type: SourceRaster["encoding"]["sampleType"];
  readonly nodata: number | undefined;
  readonly data: Samples;
  readonly mask: Samples | undefined;
};

const NOWHERE: Crs = { type: "projected", id: "nowhere", epsg: undefined, name: "none", definition: "" };
const SLOT = 64 * 1024;

/** More than any file of the tests has; a lying header is not believed here either. */
const MOST_PIXELS = 80_000_000;

const memory = createSharedMemory();
const kernels = instantiateKernels(kernelModule, memory);

/** How many samples a pixel has. Throws SourceError. */
export async function samplesOf(source: ByteSource, href: string): Promise<number> {
  return (await openTiff(source, href, new AbortController().signal)).samples;
}

/** Reads one sample. Throws SourceError for the header, RangeError for a block, and anything else where there is a bug. */
export async function readImage(source: ByteSource, href: string, sample = 0, mostPixels = MOST_PIXELS): Promise<ReadImage> {
  const tiff = await openTiff(source, href, new AbortController().signal);
  const raster = await tiff.raster(sample, (size) => ({ crs: NOWHERE, affine: [1, 0, 0, 0, -1, 0], ...size }));
  const { height, width } = raster.box;
  const data = await pixelsOf(source, raster, mostPixels);
  const mask = raster.mask && (await pixelsOf(source, raster.mask, mostPixels));
  return { height, width, type: raster.encoding.sampleType, nodata: raster.nodata, data, mask };
}

async function pixelsOf(source: ByteSource, raster: SourceRaster, mostPixels: number): Promise<Samples> {
  const { box, blocks, encoding } = raster;
  const { sampleType } = encoding;
  if (box.height * box.width > mostPixels) throw new RangeError(`${box.height} x ${box.width} pixels are too many to hold`);
  const image = sampleView(new ArrayBuffer(box.height * box.width * sampleBytes(sampleType)), 0, sampleType, box.height * box.width);
  for (let block = 0; block < blocks.across * blocks.down; block++) {
    const [row0, col0] = [Math.floor(block / blocks.across) * blocks.height, (block % blocks.across) * blocks.width];
    const rows = Math.min(storedRows(raster, block), box.height - row0);
    const cols = Math.min(blocks.width, box.width - col0);
    const length = blocks.byteCounts[block] ?? 0;
    const decoded = length > 0 ? await decode(source, raster, block) : undefined;
    for (let row = 0; row < rows; row++) {
      const at = (row0 + row) * box.width + col0;
      if (decoded) image.set(decoded.subarray(row * blocks.width, row * blocks.width + cols), at);
      else image.fill(raster.nodata ?? 0, at, at + cols);
    }
  }
  return image;
}

async function decode(source: ByteSource, raster: SourceRaster, block: number): Promise<Samples> {
  const { blocks, encoding } = raster;
  const stored = new Uint8Array(blocks.byteCounts[block] ?? 0);
  await source.read(raster, blocks.offsets[block] ?? 0, stored, new AbortController().signal);
  const rows = storedRows(raster, block);
  decodeBlock(kernels, memory, stored, { encoding, rows, cols: blocks.width, slot: SLOT });
  return sampleView(memory.buffer, SLOT, encoding.sampleType, rows * blocks.width);
}
