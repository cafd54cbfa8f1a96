#!/usr/bin/env python3
"""Whether a clipped result is the whole one behind rasterio's mask of the geometry.

    clip_mask.py CLIPPED WHOLE GEOMETRY.json

The geometry (GeoJSON, longitude and latitude) is densified, projected with PROJ and burnt by rasterio.features.geometry_mask with
all_touched=False. Prints, for each ndvi image of WHOLE: pixels inside and outside, and how many differ in value or count.
"""
import glob
import json
import os
import sys

import numpy as np
import rasterio
from rasterio.features import geometry_mask
from rasterio.warp import transform

PIECES = 500


def projected(ring, crs):
    """The ring with each edge cut into pieces that are straight in longitude and latitude, in the CRS."""
    points = [
        (x + (u - x) * k / PIECES, y + (v - y) * k / PIECES)
        for (x, y), (u, v) in zip(ring[:-1], ring[1:])
        for k in range(PIECES)
    ]
    xs, ys = transform("EPSG:4326", crs, *zip(*(points + points[:1])))
    return list(zip(xs, ys))


def outside(geometry, image):
    """True where a pixel's centre lies outside the geometry."""
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    parts = [[projected(ring, image.crs) for ring in rings] for rings in polygons]
    shape = {"type": "MultiPolygon", "coordinates": parts}
    return geometry_mask([shape], image.shape, image.transform, all_touched=False)


def main():
    clipped, whole, geometry = sys.argv[1:]
    with open(geometry) as file:
        geometry = json.load(file)
    report = {}
    for path in sorted(glob.glob(f"{whole}/ndvi_???.tif")):
        name = os.path.basename(path)[: -len(".tif")]
        counts, values = f"{name}_count.tif", f"{name}.tif"
        with rasterio.open(f"{clipped}/{values}") as ours, rasterio.open(path) as theirs:
            mask = outside(geometry, theirs)
            want = np.where(mask, np.nan, theirs.read(1))
            differing = int((~np.isclose(ours.read(1), want, rtol=0, atol=0, equal_nan=True)).sum())
        with rasterio.open(f"{clipped}/{counts}") as ours, rasterio.open(f"{whole}/{counts}") as theirs:
            differing_counts = int((ours.read(1) != np.where(mask, 0, theirs.read(1))).sum())
        report[name] = {
            "inside": int((~mask).sum()),
            "outside": int(mask.sum()),
            "differing": differing,
            "differingCounts": differing_counts,
        }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
