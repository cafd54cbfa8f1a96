#!/usr/bin/env python3
"""Opens a result as its users do: item.json with pystac and odc-stac, each image with rasterio.

    open_output.py OUT

Prints {"assets": {name: record}} with a record for each GeoTIFF asset of OUT/item.json: what rasterio says of the file, and
whether odc.stac.load of the item alone gives the same pixels on the same grid.
"""
import argparse
import json
import os

import numpy as np
import odc.stac
import pystac
import rasterio


def describe(path, loaded):
    with rasterio.open(path) as file:
        pixels = file.read(1)
        same = loaded.shape == pixels.shape and np.array_equal(loaded, pixels, equal_nan=pixels.dtype.kind == "f")
        return {
            "file": os.path.basename(path),
            "driver": file.driver,
            "dtype": file.dtypes[0],
            "nodata": None if file.nodata is None else str(file.nodata),
            "crs": str(file.crs),
            "description": file.descriptions[0],
            "overviews": file.overviews(1),
            "compression": file.compression.value if file.compression else None,
            "layout": file.tags(ns="IMAGE_STRUCTURE").get("LAYOUT"),
            "sameByOdcStac": bool(same),
        }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    options = parser.parse_args()
    item = pystac.Item.from_file(os.path.join(options.out, "item.json"))
    images = {name: asset for name, asset in item.assets.items() if asset.href.endswith(".tif")}
    loaded = odc.stac.load([item], bands=list(images))
    records = {name: describe(asset.get_absolute_href(), loaded[name].values[0]) for name, asset in images.items()}
    print(json.dumps({"assets": records}))


if __name__ == "__main__":
    main()
