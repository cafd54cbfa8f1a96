/** A user-defined CRS as WKT2:2019 (OGC 18-010r7), for STAC's proj:wkt2. */
import type { CrsMethod, Parameter } from "./crs-methods.ts";
import type { Ellipsoid } from "./geokeys-ellipsoid.ts";

export type Wkt2Input = {
  readonly name: string;
  readonly ellipsoid: Ellipsoid;
  readonly method: CrsMethod;
  /** Degrees and metres. */
  readonly values: ReadonlyMap<Parameter, number>;
  /** Metres in the unit of the axes. */
  readonly metres: number;
};

const DEGREE = 'ANGLEUNIT["degree",0.0174532925199433]';
const METRE = 'LENGTHUNIT["metre",1]';

export function wkt2Of({ name, ellipsoid, method, values, metres }: Wkt2Input): string {
  const { name: ellipsoidName, semiMajorMetres, inverseFlattening } = ellipsoid;
  const base = ellipsoid.epsg === 4326 ? "WGS 84" : `unknown datum based upon the ${ellipsoidName} ellipsoid`;
  const datum = ellipsoid.epsg === 4326 ? "World Geodetic System 1984" : `Unknown based on ${ellipsoidName} ellipsoid`;
  const geographic = [
    `DATUM["${datum}",ELLIPSOID["${ellipsoidName}",${semiMajorMetres},${inverseFlattening},${METRE}]]`,
    `PRIMEM["Greenwich",0,${DEGREE}]`,
  ];
  const parameters = method.parameters.map(
    ({ parameter, wkt }) => `PARAMETER["${wkt}",${values.get(parameter) ?? 0},${unitOf(parameter)}]`,
  );
  const conversion = `CONVERSION["unnamed",METHOD["${method.name}"],${parameters.join(",")}]`;
  const axes = ["CS[Cartesian,2]", 'AXIS["easting",east,ORDER[1]]', 'AXIS["northing",north,ORDER[2]]'];
  const unit = metres === 1 ? METRE : `LENGTHUNIT["unit",${metres}]`;
  return `PROJCRS["${name}",BASEGEOGCRS["${base}",${geographic.join(",")}],${conversion},${axes.join(",")},${unit}]`;
}

function unitOf(parameter: Parameter): string {
  if (parameter === "k") return 'SCALEUNIT["unity",1]';
  return parameter === "x_0" || parameter === "y_0" ? METRE : DEGREE;
}
