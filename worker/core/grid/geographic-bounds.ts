/** Where outlines lie on the globe: bounds in longitude and latitude that mind the antimeridian and the poles. */
import { createPointTransform, type Crs, WGS84 } from "./crs.ts";
import { type Bounds, boundsOf, densify, type Point } from "./outline.ts";

/** A ring in a CRS of its own. */
export type Outline = { readonly crs: Crs; readonly ring: readonly Point[] };

/**
 * The smallest bounds in EPSG:4326 that hold all outlines, or undefined where a point has no longitude. Over the antimeridian xmax is above 180 (170
 * to 185); with a pole inside an outline they are all longitudes, up to the pole.
 */
export function geographicBounds(outlines: readonly Outline[]): Bounds | undefined {
  const parts: Bounds[] = [];
  for (const { crs, ring } of outlines) {
    const part = ringBounds(crs, ring);
    if (!part) return undefined;
    parts.push(part);
  }
  const plain = union(parts);
  // Parts on both sides of the antimeridian, such as a MultiPolygon cut there, are nearer to each other over it.
  const shifted = union(parts.map((part) => (part.xmax <= 0 ? { ...part, xmin: part.xmin + 360, xmax: part.xmax + 360 } : part)));
  return plain && shifted && plain.xmax - plain.xmin > 180 && shifted.xmax - shifted.xmin < 180 ? shifted : plain;
}

/** The bounds within -180 to 180: two where they go over the antimeridian. */
export function splitAtAntimeridian(bounds: Bounds): readonly Bounds[] {
  if (bounds.xmax - bounds.xmin >= 360) return [{ ...bounds, xmin: -180, xmax: 180 }];
  if (bounds.xmax > 180)
    return [
      { ...bounds, xmax: 180 },
      { ...bounds, xmin: -180, xmax: bounds.xmax - 360 },
    ];
  return [bounds];
}

/** Longitudes that go on from one point to the next, over the antimeridian where that is the shorter way. */
export function unwrapLongitudes(ring: readonly Point[]): readonly Point[] {
  let shift = 0;
  return ring.map(([x, y], i) => {
    const before = ring[i - 1]?.[0] ?? x;
    if (x - before > 180) shift -= 360;
    if (x - before < -180) shift += 360;
    return [x + shift, y];
  });
}

function ringBounds(crs: Crs, ring: readonly Point[]): Bounds | undefined {
  // A ring in longitude and latitude lies on one side of the antimeridian (RFC 7946, section 3.1.9), and its edges are straight.
  if (crs.type === "geographic") return boundsOf(ring);
  const transform = createPointTransform(crs, WGS84);
  const points = densify(ring).map(([x, y]) => transform(x, y));
  if (points.some(([x, y]) => !Number.isFinite(x) || !Number.isFinite(y))) return undefined;
  const unwrapped = unwrapLongitudes(points);
  const bounds = boundsOf(unwrapped);
  const [first, last] = [unwrapped[0], unwrapped.at(-1)];
  if (!bounds || !first || !last) return undefined;
  // Once around the globe: the ring has a pole inside.
  if (Math.abs(last[0] - first[0]) > 180) {
    const north = bounds.ymin + bounds.ymax > 0;
    return { xmin: -180, xmax: 180, ymin: north ? bounds.ymin : -90, ymax: north ? 90 : bounds.ymax };
  }
  return normalised(bounds);
}

/** Moved by whole turns so that xmin lies in -180 to 180. */
function normalised(bounds: Bounds): Bounds {
  const turns = Math.floor((bounds.xmin + 180) / 360) * 360;
  return { ...bounds, xmin: bounds.xmin - turns, xmax: bounds.xmax - turns };
}

function union(parts: readonly Bounds[]): Bounds | undefined {
  return boundsOf(
    parts.flatMap((b): readonly Point[] => [
      [b.xmin, b.ymin],
      [b.xmax, b.ymax],
    ]),
  );
}
