#!/usr/bin/env python3
"""Writes scenes again in another TIFF layout, pixels unchanged.

    relayout.py SCENES OUT --compress none|deflate|lzw --predictor 1|2 [--tile 128 | --rows 7] [--dtype int16|int32|uint32] [--sparse]

tile   square tiles of that side; rows: strips of that many rows (the last one short)
dtype  measurement bands in another integer type (flag bands stay uint16)
sparse tiles that are all nodata have no bytes in the file
"""
import argparse
import json
import os
import sys

import numpy as np
import rasterio

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("scenes")
parser.add_argument("out")
parser.add_argument("--compress", choices=["none", "deflate", "lzw"], required=True)
parser.add_argument("--predictor", type=int, choices=[1, 2], required=True)
parser.add_argument("--tile", type=int)
parser.add_argument("--rows", type=int)
parser.add_argument("--dtype", choices=["uint16", "int16", "int32", "uint32"], default="uint16")
parser.add_argument("--sparse", action="store_true")
args = parser.parse_args()

os.makedirs(args.out, exist_ok=True)
with open(os.path.join(args.scenes, "items.json")) as file:
    collection = json.load(file)
for feature in collection["features"]:
    for band, asset in feature["assets"].items():
        with rasterio.open(os.path.join(args.scenes, asset["href"])) as source:
            pixels = source.read(1)
            profile = {"driver": "GTiff", "height": source.height, "width": source.width, "count": 1, "crs": source.crs, "transform": source.transform,
                       "nodata": source.nodata, "dtype": "uint16" if band == "qa_pixel" else args.dtype}
        if args.dtype == "int16" and band != "qa_pixel" and pixels.max() > 32767:
            sys.exit(f"{asset['href']}: {pixels.max()} does not fit int16")
        layout = {"tiled": True, "blockxsize": args.tile, "blockysize": args.tile} if args.tile else {"tiled": False, "blockysize": args.rows}
        if args.compress != "none":
            layout |= {"compress": args.compress, "predictor": args.predictor}
        if args.sparse:
            layout["sparse_ok"] = True
        with rasterio.open(os.path.join(args.out, asset["href"]), "w", **profile, **layout) as target:
            target.write(pixels.astype(profile["dtype"]), 1)
        if args.dtype != "uint16" and band != "qa_pixel":
            asset["raster:bands"][0]["data_type"] = args.dtype
with open(os.path.join(args.out, "items.json"), "w") as file:
    json.dump(collection, file)
