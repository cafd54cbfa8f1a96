import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crs, geobox } from "../../../test/support/builders.ts";
import { createPointTransform } from "./crs.ts";
import { centroidLongitude, outlineIn, snapOutward } from "./geobox.ts";
import { boundsOf } from "./outline.ts";

const utm = crs(32755);
const edges = { resolutionXY: [30, 30], originXY: [0, 0] } as const;
const centres = { resolutionXY: [30, 30], originXY: [15, 15] } as const;

describe("snapOutward", () => {
  it.each([
    ["keeps bounds that lie on edges", [300, 600, 900, 1200], edges, [300, 1200], [20, 20]],
    ["goes outward to edges", [301, 601, 899, 1199], edges, [300, 1200], [20, 20]],
    ["puts pixel centres on multiples of the resolution", [301, 601, 899, 1199], centres, [285, 1215], [21, 21]],
    ["takes what lies within 0.01 pixel of an edge as on it", [299.71, 599.71, 900.29, 1200.29], edges, [300, 1200], [20, 20]],
    ["adds a pixel for more than 0.01", [299.69, 599.69, 900.31, 1200.31], edges, [270, 1230], [22, 22]],
    ["goes outward on the negative side too", [-901, -1201, -299, -599], edges, [-930, -570], [22, 22]],
    ["spans the origin", [-1, -1, 1, 1], edges, [-30, 30], [2, 2]],
    ["has a pixel where the bounds have no extent", [300, 600, 300, 600], edges, [300, 630], [1, 1]],
    ["snaps each axis to its own resolution", [0, 0, 100, 100], { resolutionXY: [30, 50], originXY: [0, 0] }, [0, 100], [2, 4]],
  ] as const)("%s", (_name, [xmin, ymin, xmax, ymax], lattice, wantUpperLeft, wantShape) => {
    const box = snapOutward({ xmin, ymin, xmax, ymax }, utm, lattice, "spec.grid.resolution");
    const affine = [lattice.resolutionXY[0], 0, wantUpperLeft[0], 0, -lattice.resolutionXY[1], wantUpperLeft[1]];
    expect(box).toEqual({ ok: true, value: { crs: utm, affine, height: wantShape[0], width: wantShape[1] } });
  });

  it("covers the bounds, but for 0.01 pixel, with less than a pixel to spare", () => {
    const coordinate = fc.double({ min: -5e6, max: 5e6, noNaN: true });
    const extent = fc.double({ min: 0, max: 1e5, noNaN: true });
    fc.assert(
      fc.property(coordinate, coordinate, extent, extent, fc.constantFrom(edges, centres), (xmin, ymin, dx, dy, lattice) => {
        const box = snapOutward({ xmin, ymin, xmax: xmin + dx, ymax: ymin + dy }, utm, lattice, "");
        if (!box.ok) throw new Error("too large");
        const { affine, height, width } = box.value;
        const spare = [xmin - affine[2], affine[2] + 30 * width - (xmin + dx), affine[5] - (ymin + dy), ymin - (affine[5] - 30 * height)];
        for (const pixels of spare.map((metres) => metres / 30)) {
          expect(pixels).toBeGreaterThan(-0.0100001);
          // Two: the one pixel of bounds without extent.
          expect(pixels).toBeLessThan(dx > 60 && dy > 60 ? 1 : 2);
        }
      }),
    );
  });

  it.each([
    ["too wide", [0, 0, 30 * 262_145, 30], "a grid of 262145 x 1 pixels is too large"],
    ["without a number", [0, 0, Number.NaN, 30], "a grid of NaN x 1 pixels is too large"],
  ] as const)("refuses a grid %s", (_name, [xmin, ymin, xmax, ymax], what) => {
    const todo = "use a coarser resolution or a smaller region (at most 262144 a side)";
    const problem = { what, where: "spec.grid.resolution", todo };
    expect(snapOutward({ xmin, ymin, xmax, ymax }, utm, edges, "spec.grid.resolution")).toEqual({ ok: false, problems: [problem] });
  });
});

describe("outlineIn", () => {
  it("bends with the projection between the corners: a parallel lies highest on the zone's meridian", () => {
    const box = geobox({ epsg: 4326, x: 146, y: -35, resolution: 0.01, width: 200, height: 100 });
    const toUtm = createPointTransform(crs(4326), utm);
    expect(boundsOf(outlineIn(box, utm))?.ymax).toBeCloseTo(toUtm(147, -35)[1], 2);
    expect(toUtm(147, -35)[1] - toUtm(146, -35)[1]).toBeGreaterThan(100);
  });
});

describe("centroidLongitude", () => {
  it("of a zone's middle is its meridian", () => {
    expect(centroidLongitude(geobox({ x: 500_000 - 30 * 1000, width: 2000, height: 3000 }))).toBeCloseTo(147, 9);
  });

  it("is weighed by area: a grid that reaches towards the pole is narrower there", () => {
    const box = geobox({ x: 600_000, y: 6_130_515, width: 6000, height: 20_000 });
    const ring = outlineIn(box, crs(4326));
    const mean = ring.reduce((sum, [x]) => sum + x, 0) / ring.length;
    expect(centroidLongitude(box)).not.toBeCloseTo(mean, 4);
    expect(centroidLongitude(box)).toBeCloseTo(polygonCentroidX(ring), 9);
  });

  it("of a grid across the antimeridian lies on it, not on the far side of the Earth", () => {
    const zone60 = geobox({ epsg: 32760, x: 600_000, y: 8_200_000, resolution: 100, width: 4000, height: 2000 });
    const [middle] = createPointTransform(zone60.crs, crs(4326))(800_000, 8_100_000);
    expect(Math.abs(centroidLongitude(zone60) - middle)).toBeLessThan(0.1);
    expect(Math.abs(centroidLongitude(zone60))).toBeGreaterThan(179);
  });

  it("of a grid around a pole is that of its middle pixel", () => {
    expect(centroidLongitude(geobox({ epsg: 3031, x: -300_000, y: 500_000, resolution: 100, width: 6000, height: 6000 }))).toBeCloseTo(
      0,
      6,
    );
  });

  it("of a grid in degrees is its middle", () => {
    expect(centroidLongitude(geobox({ epsg: 4326, x: 146, y: -35, resolution: 0.01, width: 200, height: 100 }))).toBeCloseTo(147, 9);
  });
});

/** Shapely's formula in longhand: triangles from the origin. */
function polygonCentroidX(ring: readonly (readonly [number, number])[]): number {
  let [area, moment] = [0, 0];
  ring.forEach(([x0, y0], i) => {
    const [x1, y1] = ring[(i + 1) % ring.length]!;
    area += (x0 * y1 - x1 * y0) / 2;
    moment += ((x0 + x1) / 3) * ((x0 * y1 - x1 * y0) / 2);
  });
  return moment / area;
}
