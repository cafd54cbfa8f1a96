/**
 * Where things stand in a quicklook, in pixels, y downwards. 1,200 px wide; as high as the map asks for.
 *
 *     margin | title                                                      | margin
 *            | subtitle                                                   |
 *            | panel, as wide as the content; the map in its middle       |
 *            | N   scale bar      grey: no observation        colour bar  |
 */
import { shownSize } from "./fit-raster.ts";
import type { Picture } from "./picture.ts";

export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

/** `map`: where the raster's pixels go, whole numbers. `footer`: the line on which scale bar, swatch and colour bar stand. */
export type PictureLayout = {
  readonly width: number;
  readonly height: number;
  readonly titleY: number;
  readonly subtitleY: number;
  readonly panel: Box;
  readonly map: Box;
  readonly footerY: number;
};

export const pictureWidth = 1200;
export const pictureMargin = 40;
const contentWidth = pictureWidth - 2 * pictureMargin;
const panelTop = 136;
const footerHeight = 124;
/** A tall map stops here, so that a picture still fits a screen or a page. */
const mapHeightLimit = 1000;
/** A strip of a map keeps a panel around it. */
const panelHeightLeast = 120;

/** The layout of a picture, which depends only on its raster's shape and resolution. */
export function layoutPicture(picture: Pick<Picture, "raster" | "resolution">): PictureLayout {
  const size = shownSize(picture.raster, picture.resolution, { width: contentWidth, height: mapHeightLimit });
  const panel = { x: pictureMargin, y: panelTop, width: contentWidth, height: Math.max(size.height, panelHeightLeast) };
  const map = {
    ...size,
    x: panel.x + Math.floor((panel.width - size.width) / 2),
    y: panel.y + Math.floor((panel.height - size.height) / 2),
  };
  const bottom = panel.y + panel.height;
  return { width: pictureWidth, height: bottom + footerHeight, titleY: 74, subtitleY: 110, panel, map, footerY: bottom + 54 };
}
