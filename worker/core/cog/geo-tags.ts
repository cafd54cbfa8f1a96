/**
 * Where an image lies, as GeoTIFF tags (OGC GeoTIFF 1.1, OGC 19-008r4). Pixel is area: the affine maps pixel corners.
 */
import type { CogImage, GeoKeys } from "./cog-image.ts";
import type { TiffTag } from "./tiff-directory.ts";

/** The georeferencing tags of a full-resolution directory; overviews carry none, as GDAL writes them. */
export function geoTags(image: Pick<CogImage, "affine" | "crs">): readonly TiffTag[] {
  return [...placeTags(image.affine), ...keyTags(image.crs)];
}

/** ModelPixelScale and ModelTiepoint for a north-up grid, which every reader knows; ModelTransformation for a turned one. */
function placeTags(affine: CogImage["affine"]): readonly TiffTag[] {
  const [a, b, c, d, e, f] = affine;
  if (b === 0 && d === 0 && a > 0 && e < 0) {
    return [
      { tag: 33550, type: "double", values: [a, -e, 0] },
      { tag: 33922, type: "double", values: [0, 0, 0, c, f, 0] },
    ];
  }
  return [{ tag: 34264, type: "double", values: [a, b, 0, c, d, e, 0, f, 0, 0, 0, 0, 0, 0, 0, 1] }];
}

/**
 * GeoKeyDirectory and GeoAsciiParams. Units, datum and ellipsoid are left to the EPSG code, so that nothing can
 * contradict it. A value of type 0 stands in the key itself, a citation in the ASCII parameters ("|" ends it there).
 */
function keyTags(crs: GeoKeys): readonly TiffTag[] {
  const ascii = `${crs.citation.replaceAll("|", "/")}|`;
  const asciiBytes = new TextEncoder().encode(ascii).byteLength;
  const [modelType, codeKey] = crs.type === "projected" ? [1, 3072] : [2, 2048];
  const keys = [
    [1024, 0, 1, modelType], // GTModelType: 1 projected, 2 geographic
    [1025, 0, 1, 1], // GTRasterType: PixelIsArea
    [1026, 34737, asciiBytes, 0], // GTCitation
    [codeKey, 0, 1, crs.epsg], // ProjectedCRS or GeodeticCRS
  ].toSorted((one, other) => (one[0] ?? 0) - (other[0] ?? 0));
  return [
    { tag: 34735, type: "short", values: [1, 1, 0, keys.length, ...keys.flat()] },
    { tag: 34737, type: "ascii", text: ascii },
  ];
}
