/** Where an image lies: its CRS and the affine from pixel corners to coordinates, by GDAL's rules (GeoTIFF 1.1, sections 7.1 and B.6). */
import type { Affine } from "../../core/grid/affine.ts";
import type { Crs } from "../../core/grid/crs.ts";
import { crsOfGeoKeys } from "../../core/grid/geokeys-crs.ts";
import { type GeoKeys, readGeoKeys } from "./geo-keys.ts";
import type { Refuse } from "./refuse.ts";
import type { Directory } from "./tiff-directory.ts";

/** GTRasterTypeGeoKey: the tie point, and a matrix's origin, is the centre of pixel (0, 0). */
const PIXEL_IS_POINT = 2;

export async function readGeoreference(directory: Directory, refuse: Refuse): Promise<{ readonly crs: Crs; readonly affine: Affine }> {
  const keys = await readGeoKeys(directory);
  const crs = readCrs(keys, refuse);
  const affine = await readAffine(directory, refuse);
  if (
    !affine.every((number) => Number.isFinite(number) && Math.abs(number) < 1e15) ||
    Math.abs(affine[0] * affine[4] - affine[1] * affine[3]) < 1e-30
  )
    throw refuse("its georeferencing is not finite or has no area");
  if (keys["GTRasterTypeGeoKey"] !== PIXEL_IS_POINT) return { crs, affine };
  const [a, b, c, d, e, f] = affine;
  return { crs, affine: [a, b, c - (a + b) / 2, d, e, f - (d + e) / 2] };
}

function readCrs(keys: GeoKeys, refuse: Refuse): Crs {
  const crs = crsOfGeoKeys(keys);
  if (!crs.ok) throw refuse(crs.what);
  return crs.value;
}

/** Pixel scale and first tie point go before a matrix, and the sign of the scale's height does not count: as in GDAL. */
async function readAffine(directory: Directory, refuse: Refuse): Promise<Affine> {
  const tied = directory.count("ModelTiepoint") >= 6;
  const scaled = tied && directory.count("ModelPixelScale") >= 2 ? scaledAffine(...(await scaleAndTie(directory))) : undefined;
  if (scaled) return scaled;
  if (directory.count("ModelTransformation") === 16) {
    const matrix = await directory.numbers("ModelTransformation", 0, 8);
    return [0, 1, 3, 4, 5, 7].map((i) => matrix[i]) as unknown as Affine; // six of eight
  }
  if (tied) throw refuse("georeferencing by ground control points is not supported: warp it to a grid");
  throw refuse("no affine georeferencing (pixel scale and one tie point, or a matrix)");
}

type Numbers = readonly number[];

async function scaleAndTie(directory: Directory): Promise<readonly [scale: Numbers, tie: Numbers]> {
  return [[...(await directory.numbers("ModelPixelScale", 0, 2))], [...(await directory.numbers("ModelTiepoint", 0, 6))]];
}

/** The tie point: pixel (i, j, k) lies at (x, y, z). Undefined where the scale is 0, which GDAL takes for missing. */
function scaledAffine([sx, sy]: Numbers, [i, j, , x, y]: Numbers): Affine | undefined {
  const numbers = { sx: Number(sx), sy: Math.abs(Number(sy)), i: Number(i), j: Number(j), x: Number(x), y: Number(y) };
  if (numbers.sx === 0 || numbers.sy === 0) return undefined;
  return [numbers.sx, 0, numbers.x - numbers.i * numbers.sx, 0, -numbers.sy, numbers.y + numbers.j * numbers.sy];
}
