import { describe, expect, it } from "vitest";
import { createPointTransform, WGS84 } from "./crs.ts";
import { crsOfGeoKeys } from "./geokeys-crs.ts";

/** The keys of USGS' Antarctic scenes (LC08_L2SR_081119_20200101). */
const antarctic = {
  GTModelTypeGeoKey: 1,
  GTRasterTypeGeoKey: 2,
  GTCitationGeoKey: "PS         WGS84",
  GeographicTypeGeoKey: 4326,
  GeogCitationGeoKey: "WGS 84",
  GeogAngularUnitsGeoKey: 9102,
  GeogSemiMajorAxisGeoKey: 6378137,
  GeogInvFlatteningGeoKey: 298.257223563,
  ProjectedCSTypeGeoKey: 32767,
  ProjectionGeoKey: 32767,
  ProjCoordTransGeoKey: 15,
  ProjLinearUnitsGeoKey: 9001,
  ProjNatOriginLatGeoKey: -71,
  ProjFalseEastingGeoKey: 0,
  ProjFalseNorthingGeoKey: 0,
  ProjScaleAtNatOriginGeoKey: 1,
  ProjStraightVertPoleLongGeoKey: 0,
};
const { ProjStraightVertPoleLongGeoKey: _, ...noPoleLongitude } = antarctic;

const albers = {
  ...antarctic,
  GTCitationGeoKey: "My Albers",
  ProjCoordTransGeoKey: 11,
  ProjNatOriginLatGeoKey: -20,
  ProjNatOriginLongGeoKey: 140,
  ProjStdParallel1GeoKey: -25,
  ProjStdParallel2GeoKey: -40,
};

describe("crsOfGeoKeys", () => {
  it.each([
    ["an EPSG code", { ProjectedCSTypeGeoKey: 32755 }, "EPSG:32755"],
    ["a geographic code", { GTModelTypeGeoKey: 2, GeographicTypeGeoKey: 4326 }, "EPSG:4326"],
    ["what EPSG:3031 says, without its code: USGS' Antarctic scenes", antarctic, "EPSG:3031"],
    ["its longitude left out", noPoleLongitude, "EPSG:3031"],
    [
      "a UTM zone by ProjectionGeoKey",
      { ProjectedCSTypeGeoKey: 32767, GeographicTypeGeoKey: 4326, ProjectionGeoKey: 16155 },
      "+proj=tmerc +lat_0=0 +lon_0=147 +k=0.9996 +x_0=500000 +y_0=10000000 +datum=WGS84 +units=m +no_defs",
    ],
    ["Albers of one's own", albers, "+proj=aea +lat_0=-20 +lon_0=140 +lat_1=-25 +lat_2=-40 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs"],
    [
      "feet, whose false easting is in feet too",
      { ...albers, ProjLinearUnitsGeoKey: 9002, ProjFalseEastingGeoKey: 1000 },
      "+proj=aea +lat_0=-20 +lon_0=140 +lat_1=-25 +lat_2=-40 +x_0=304.8 +y_0=0 +datum=WGS84 +to_meter=0.3048 +no_defs",
    ],
    [
      "polar stereographic by a scale at the pole",
      { ...antarctic, ProjNatOriginLatGeoKey: -90, ProjScaleAtNatOriginGeoKey: 0.97 },
      "+proj=stere +lat_0=-90 +lon_0=0 +k=0.97 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs",
    ],
    [
      "a sphere",
      {
        ...albers,
        GeographicTypeGeoKey: 32767,
        GeogGeodeticDatumGeoKey: 32767,
        GeogSemiMajorAxisGeoKey: 6371007.181,
        GeogInvFlatteningGeoKey: 0,
      },
      "+proj=aea +lat_0=-20 +lon_0=140 +lat_1=-25 +lat_2=-40 +x_0=0 +y_0=0 +a=6371007.181 +b=6371007.181 +units=m +no_defs",
    ],
  ])("knows %s", (_name, keys, id) => {
    expect(crsOfGeoKeys(keys)).toMatchObject({ ok: true, value: { id } });
  });

  it("keeps the file's name and keys for what it cannot find by code", () => {
    const crs = crsOfGeoKeys(albers);
    if (!crs.ok) throw new Error(crs.what);
    expect(crs.value).toMatchObject({ epsg: undefined, name: "My Albers", type: "projected" });
    expect(crs.value.userDefined?.geoKeys).toMatchObject({
      ProjCoordTransGeoKey: 11,
      ProjStdParallel2GeoKey: -40,
      GTCitationGeoKey: "My Albers",
    });
    expect(crs.value.userDefined?.geoKeys).not.toHaveProperty("GTRasterTypeGeoKey");
    expect(crs.value.userDefined?.wkt2).toContain('METHOD["Albers Equal Area"],PARAMETER["Latitude of false origin",-20,');
  });

  it("gives feet in feet", () => {
    const crs = crsOfGeoKeys({ ...albers, ProjLinearUnitsGeoKey: 9002 });
    const metres = crsOfGeoKeys(albers);
    if (!crs.ok || !metres.ok) throw new Error("refused");
    const [[x, y], [u, v]] = [crs.value, metres.value].map((c) => createPointTransform(WGS84, c)(147, -35)) as [
      [number, number],
      [number, number],
    ];
    expect([x * 0.3048, y * 0.3048]).toEqual([expect.closeTo(u, 6), expect.closeTo(v, 6)]);
  });

  it.each([
    ["nothing", {}, "no georeferencing"],
    ["a code that is not in the table", { ProjectedCSTypeGeoKey: 27700 }, "EPSG:27700 is not a CRS that is known here"],
    [
      "a projection that proj4 has not",
      { ...antarctic, ProjCoordTransGeoKey: 27 },
      "the projection method 27 of its user-defined CRS is not supported",
    ],
    [
      "no projection",
      { ProjectedCSTypeGeoKey: 32767, GeographicTypeGeoKey: 4326 },
      "its user-defined CRS names no projection (ProjCoordTransGeoKey)",
    ],
    [
      "a datum that lies elsewhere",
      { ...albers, GeographicTypeGeoKey: 4267 },
      "the geographic CRS EPSG:4267 of its CRS needs a datum shift that is not supported",
    ],
    [
      "such a datum by its own code",
      { ...albers, GeographicTypeGeoKey: 32767, GeogGeodeticDatumGeoKey: 6267 },
      "the datum 6267 of its CRS needs a shift that is not supported",
    ],
    [
      "no second parallel",
      { ...albers, ProjStdParallel2GeoKey: undefined },
      "its user-defined CRS (Albers Equal Area) lacks ProjStdParallel2GeoKey",
    ],
    ["a parallel that is a text", { ...albers, ProjStdParallel2GeoKey: "x" }, "its user-defined CRS has ProjStdParallel2GeoKey x"],
    ["a parallel past the pole", { ...albers, ProjStdParallel2GeoKey: 95 }, "its user-defined CRS (Albers Equal Area) has lat_2 95"],
    [
      "parallels that cancel",
      { ...albers, ProjStdParallel2GeoKey: 25 },
      "its user-defined CRS (Albers Equal Area) has opposite standard parallels",
    ],
    [
      "a scale of 0",
      { ...antarctic, ProjNatOriginLatGeoKey: -90, ProjScaleAtNatOriginGeoKey: 0 },
      "its user-defined CRS (Polar Stereographic (variant A)) has a scale of 0",
    ],
    [
      "polar stereographic around no pole",
      { ...antarctic, ProjNatOriginLatGeoKey: -60, ProjScaleAtNatOriginGeoKey: 0.9 },
      "its user-defined CRS (Polar Stereographic (variant A)) has its origin at latitude -60, which is no pole",
    ],
    ["grads", { ...albers, GeogAngularUnitsGeoKey: 9105 }, "the angular unit 9105 of its CRS is not supported"],
    ["Paris", { ...albers, GeogPrimeMeridianGeoKey: 8903 }, "the prime meridian 8903 of its CRS is not supported"],
    ["chains", { ...albers, ProjLinearUnitsGeoKey: 9097 }, "the linear unit 9097 of its user-defined CRS is not supported"],
    [
      "a pea",
      { ...albers, GeographicTypeGeoKey: 32767, GeogSemiMajorAxisGeoKey: 0.004 },
      "its CRS has no datum and no ellipsoid of the size of the Earth",
    ],
  ])("refuses %s by name", (_name, keys, what) => {
    expect(crsOfGeoKeys(keys)).toEqual({ ok: false, what });
  });
});
