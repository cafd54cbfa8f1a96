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
 * GeoKeyDirectory with its parameters. Of a CRS with an EPSG code, units, datum and ellipsoid are left to the code, so that nothing can
 * contradict it; a user-defined one is written as it was read, "|" within its names too, which GDAL splits them by. A value of type 0 stands in the key itself, a citation in the ASCII parameters
 * ("|" ends it there), a number with a fraction in the double parameters.
 */
function keyTags(crs: GeoKeys): readonly TiffTag[] {
  const [modelType, codeKey] = crs.type === "projected" ? [1, 3072] : [2, 2048];
  const values = new Map<number, number | string>([
    [1024, modelType], // GTModelType: 1 projected, 2 geographic
    [1025, 1], // GTRasterType: PixelIsArea
    [1026, crs.citation.replaceAll("|", "/")], // GTCitation
  ]);
  if (crs.epsg !== undefined) values.set(codeKey, crs.epsg); // ProjectedCRS or GeodeticCRS
  for (const [name, value] of Object.entries(crs.userDefined ?? {})) {
    const key = KEY_NUMBERS.get(name);
    if (key !== undefined) values.set(key, value);
  }
  return encodeKeys(values);
}

function encodeKeys(values: ReadonlyMap<number, number | string>): readonly TiffTag[] {
  const doubles: number[] = [];
  let ascii = "";
  const entries = [...values].toSorted(([one], [other]) => one - other);
  const keys = entries.map(([key, value]) => {
    if (typeof value === "string") {
      const text = `${value.replaceAll(/[^\x20-\x7e]/g, "?")}|`;
      const entry = [key, 34737, text.length, ascii.length];
      ascii += text;
      return entry;
    }
    if (!isMeasure(key)) return [key, 0, 1, value];
    doubles.push(value);
    return [key, 34736, 1, doubles.length - 1];
  });
  return [
    { tag: 34735, type: "short", values: [1, 1, 0, keys.length, ...keys.flat()] },
    ...(doubles.length === 0 ? [] : [{ tag: 34736, type: "double" as const, values: doubles }]),
    { tag: 34737, type: "ascii", text: ascii },
  ];
}

/** Keys of a user-defined CRS (GeoTIFF 1.1, annex B), by GeoTIFF 1.0's names; those of codes and citations first, then numbers. */
const KEY_NUMBERS: ReadonlyMap<string, number> = new Map([
  ["GTCitationGeoKey", 1026],
  ["GeographicTypeGeoKey", 2048],
  ["GeogCitationGeoKey", 2049],
  ["GeogGeodeticDatumGeoKey", 2050],
  ["GeogPrimeMeridianGeoKey", 2051],
  ["GeogLinearUnitsGeoKey", 2052],
  ["GeogAngularUnitsGeoKey", 2054],
  ["GeogEllipsoidGeoKey", 2056],
  ["ProjectedCSTypeGeoKey", 3072],
  ["PCSCitationGeoKey", 3073],
  ["ProjectionGeoKey", 3074],
  ["ProjCoordTransGeoKey", 3075],
  ["ProjLinearUnitsGeoKey", 3076],
  ["GeogAngularUnitSizeGeoKey", 2055],
  ["GeogSemiMajorAxisGeoKey", 2057],
  ["GeogSemiMinorAxisGeoKey", 2058],
  ["GeogInvFlatteningGeoKey", 2059],
  ["GeogPrimeMeridianLongGeoKey", 2061],
  ["ProjLinearUnitSizeGeoKey", 3077],
  ["ProjStdParallel1GeoKey", 3078],
  ["ProjStdParallel2GeoKey", 3079],
  ["ProjNatOriginLongGeoKey", 3080],
  ["ProjNatOriginLatGeoKey", 3081],
  ["ProjFalseEastingGeoKey", 3082],
  ["ProjFalseNorthingGeoKey", 3083],
  ["ProjFalseOriginLongGeoKey", 3084],
  ["ProjFalseOriginLatGeoKey", 3085],
  ["ProjFalseOriginEastingGeoKey", 3086],
  ["ProjFalseOriginNorthingGeoKey", 3087],
  ["ProjCenterLongGeoKey", 3088],
  ["ProjCenterLatGeoKey", 3089],
  ["ProjCenterEastingGeoKey", 3090],
  ["ProjCenterNorthingGeoKey", 3091],
  ["ProjScaleAtNatOriginGeoKey", 3092],
  ["ProjScaleAtCenterGeoKey", 3093],
  ["ProjStraightVertPoleLongGeoKey", 3095],
]);

/** Whether a key's number is a measure, not a code. */
function isMeasure(key: number): boolean {
  return [2055, 2057, 2058, 2059, 2061].includes(key) || key >= 3077;
}
