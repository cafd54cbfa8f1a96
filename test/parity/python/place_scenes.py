#!/usr/bin/env python3
"""Writes scenes of make_scenes.py anew in another CRS or at another place, with the same pixels.

    place_scenes.py SCENES OUT --crs CRS --at LON,LAT [--pixel 30]

CRS is anything that rasterio takes: EPSG:n, or a PROJ string, which is stored as a user-defined CRS. The images' middle comes to lie at LON, LAT, with
pixels of the given size along both axes, in units of the CRS.
"""
import argparse
import json
import os

import rasterio
from affine import Affine
from rasterio.crs import CRS
from rasterio.warp import transform as transform_points
from rasterio.warp import transform_bounds


def place(path, out, crs, options):
    """Writes one image; returns the bounds in longitude and latitude."""
    with rasterio.open(path) as source:
        data, profile = source.read(), source.profile
    lon, lat = (float(word) for word in options.at.split(","))
    (x,), (y,) = transform_points("EPSG:4326", crs, [lon], [lat])
    pixel, (height, width) = options.pixel, data.shape[1:]
    west, north = (round(x / pixel) - width // 2) * pixel, (round(y / pixel) + height // 2) * pixel
    profile.update(transform=Affine(pixel, 0, west, 0, -pixel, north), crs=crs, predictor=2)
    with rasterio.open(out, "w", **profile) as target:
        target.write(data)
        return transform_bounds(crs, "EPSG:4326", *target.bounds)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("scenes")
    parser.add_argument("out")
    parser.add_argument("--crs", required=True)
    parser.add_argument("--at", required=True)
    parser.add_argument("--pixel", type=float, default=30)
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    with open(f"{options.scenes}/items.json") as file:
        collection = json.load(file)
    crs = CRS.from_user_input(options.crs)
    for item in collection["features"]:
        for asset in item["assets"].values():
            west, south, east, north = place(f"{options.scenes}/{asset['href']}", f"{options.out}/{asset['href']}", crs, options)
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        item.update(bbox=[west, south, east, north], geometry={"type": "Polygon", "coordinates": [ring]})
        item["properties"] = {k: v for k, v in item["properties"].items() if not k.startswith("proj:")}
    with open(f"{options.out}/items.json", "w") as file:
        json.dump(collection, file, indent=1)
    print(json.dumps({"scenes": len(collection["features"]), "out": options.out}))


if __name__ == "__main__":
    main()
