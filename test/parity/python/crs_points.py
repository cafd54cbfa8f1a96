#!/usr/bin/env python3
"""Places on the ground and where PROJ puts them: what worker/core/grid/crs.ts must agree with.

    crs_points.py CODE...

Prints {code: [[longitude, latitude, x, y], ...]} for EPSG codes: 2,000 places spread over the code's area of use, from the code's
own geographic CRS, so that no datum shift comes in. For a CODE that is not a number, the CRS is that PROJ string, over the area of use of EPSG:4326.
"""
import json
import sys

import numpy as np
import pyproj


def area(crs):
    """(west, south, east, north); a west edge beyond the east one crosses the antimeridian."""
    use = crs.area_of_use
    return use.bounds if use else (-180, -85, 180, 85)


def points(name, rng):
    crs = pyproj.CRS.from_user_input(f"EPSG:{name}" if name.isdigit() else name)
    geographic = crs.geodetic_crs if crs.is_projected else pyproj.CRS.from_epsg(4326)
    west, south, east, north = area(crs)
    if east < west:
        east += 360
    lon = rng.uniform(west, east, 2000)
    lat = rng.uniform(south, min(north, 89.9999), 2000)
    if not crs.is_projected:
        return np.column_stack([lon, lat, lon, lat]).tolist()
    x, y = pyproj.Transformer.from_crs(geographic, crs, always_xy=True).transform(lon, lat)
    rows = np.column_stack([(lon + 180) % 360 - 180, lat, x, y])
    return rows[np.isfinite(rows).all(axis=1)].tolist()


def main():
    rng = np.random.default_rng(1)
    print(json.dumps({name: points(name, rng) for name in sys.argv[1:]}))


if __name__ == "__main__":
    main()
