/**
 * Renders a quicklook and writes it as PNG: resvg draws words and scales, the raster is copied into its place, pngjs
 * encodes. Both libraries, the fonts and the 2.4 MB of WebAssembly are loaded by the first picture only.
 */
import { createRequire } from "node:module";
import { open, readFile } from "node:fs/promises";
import { rampFor } from "../../core/quicklook/colour-ramp.ts";
import { fitRaster } from "../../core/quicklook/fit-raster.ts";
import { paintRaster, placeImage, type RgbaImage } from "../../core/quicklook/paint-raster.ts";
import { layoutPicture } from "../../core/quicklook/picture-layout.ts";
import { pictureFont, pictureSvg } from "../../core/quicklook/picture-svg.ts";
import type { Picture } from "../../core/quicklook/picture.ts";
import { stretchOf } from "../../core/quicklook/stretch.ts";
import { writing } from "./output-errors.ts";

/**
 * Writes the PNG of `picture` to exactly `path`, fsync'ed. A raster of more than about 1,200 x 1,000 pixels is averaged
 * down; giving an overview of that size instead saves time and memory. Throws OutputError where the file system refuses.
 */
export async function writeQuicklook(path: string, picture: Picture): Promise<void> {
  const png = await renderQuicklook(picture);
  await writing(path, async () => {
    const file = await open(path, "w");
    try {
      await file.writeFile(png);
      await file.sync();
    } finally {
      await file.close();
    }
  });
}

async function renderQuicklook(picture: Picture): Promise<Uint8Array> {
  const { drawSvg, encodePng } = await (tools ??= loadTools());
  const stretch = stretchOf(picture.raster.data);
  const ramp = rampFor(picture.index);
  const layout = layoutPicture(picture);
  const canvas = drawSvg(pictureSvg(picture, stretch, ramp, layout));
  placeImage(canvas, paintRaster(fitRaster(picture.raster, layout.map), stretch, ramp), layout.map);
  return encodePng(canvas);
}

type Tools = {
  readonly drawSvg: (svg: string) => RgbaImage;
  readonly encodePng: (image: RgbaImage) => Uint8Array;
};

/** Once a process: resvg's module can be initialised only once. */
let tools: Promise<Tools> | undefined;

async function loadTools(): Promise<Tools> {
  const { resolve } = createRequire(import.meta.url);
  const fontFiles = ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"].map((name) => resolve(`dejavu-fonts-ttf/ttf/${name}`));
  const [resvg, { PNG }, wasm, ...fonts] = await Promise.all([
    import("@resvg/resvg-wasm"),
    import("pngjs"),
    readFile(resolve("@resvg/resvg-wasm/index_bg.wasm")),
    ...fontFiles.map((file) => readFile(file)),
  ]);
  await resvg.initWasm(wasm);
  const font = { fontBuffers: fonts, defaultFontFamily: pictureFont };
  return {
    drawSvg: (svg) => {
      const renderer = new resvg.Resvg(svg, { font });
      const rendered = renderer.render();
      const image = { width: rendered.width, height: rendered.height, data: rendered.pixels };
      rendered.free();
      renderer.free();
      return image;
    },
    encodePng: ({ width, height, data }) => {
      const png = new PNG({ width, height });
      png.data = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      // Filter "up": the rows of an enlarged pixel become zeros. Measured: 55 ms, against 90 with filters chosen row by row.
      return PNG.sync.write(png, { colorType: 2, inputHasAlpha: true, filterType: 2 });
    },
  };
}
