#!/usr/bin/env python3
"""Writes scenes of make_scenes.py anew, elsewhere or upside down, with the same pixels.

    move_scenes.py SCENES OUT [--east 0] [--north 0] [--south-up]

east, north  metres by which the images are moved, each axis by itself
south-up     row 0 is the southernmost: the affine's last step is positive and the rows are turned, so that the picture stays
"""
import argparse
import json
import os

import rasterio
from affine import Affine
from rasterio.warp import transform_bounds


def move(path, out, options):
    """Writes one image; returns its (epsg, affine, bounds)."""
    with rasterio.open(path) as source:
        data, profile = source.read(), source.profile
    moved = Affine.translation(options.east, options.north) * profile["transform"]
    if options.south_up:
        data = data[:, ::-1]
        moved = moved * Affine.translation(0, profile["height"]) * Affine.scale(1, -1)
    profile.update(transform=moved, predictor=2)
    with rasterio.open(out, "w", **profile) as target:
        target.write(data)
        return target.crs.to_epsg(), moved, target.bounds


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("scenes")
    parser.add_argument("out")
    parser.add_argument("--east", type=float, default=0)
    parser.add_argument("--north", type=float, default=0)
    parser.add_argument("--south-up", action="store_true")
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    with open(f"{options.scenes}/items.json") as file:
        collection = json.load(file)
    for item in collection["features"]:
        for asset in item["assets"].values():
            epsg, affine, box = move(f"{options.scenes}/{asset['href']}", f"{options.out}/{asset['href']}", options)
        south, north = sorted((box.bottom, box.top))
        west, south, east, north = transform_bounds(f"EPSG:{epsg}", "EPSG:4326", box.left, south, box.right, north)
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        item.update(bbox=[west, south, east, north], geometry={"type": "Polygon", "coordinates": [ring]})
        item["properties"]["proj:transform"] = list(affine)[:6]
    with open(f"{options.out}/items.json", "w") as file:
        json.dump(collection, file, indent=1)
    print(json.dumps({"scenes": len(collection["features"]), "out": options.out}))


if __name__ == "__main__":
    main()
