#!/usr/bin/env python3
"""Writes scenes of make_scenes.py anew as those of another product: Geoscience Australia's Landsat ARD (ga_ls8c_ard_3), and beside them
flag bands of other types, for tables of one's own.

    other_product.py SCENES OUT

nbart_red, nbart_nir        int16, reflectance x 10000, nodata -999; some of it is negative, and some sums of two bands are 0
nbart_green, nbart_swir_1   the same, made of these two
oa_fmask                    uint8: 0 nodata, 1 valid, 2 cloud, 3 shadow, 4 snow (the brightest land), 5 water
oa_nbart_contiguity         uint8: 1 where all bands are there, 0 where one is not, 255 outside
bits_int16                  int16, nodata -1: bit 15 cloud (so that cloudy codes are negative), bits 13 and 14 the class: 0 land, 1 water, 2 shadow, 3 snow
codes_int8                  int8, nodata -128: 1 land, 2 water, 3 shadow, -5 (as bits 251) cloud
"""
import argparse
import json
import os

import numpy as np
import rasterio

CLEAR, WATER, DILATED, SHADOW, CLOUD, FILL = 21824, 21952, 21826, 23888, 22280, 1
NBART_NODATA = -999


def nbart(stored, fill):
    """Collection 2's stored reflectance as Geoscience Australia stores it, darker by 0.004 so that water reaches below 0."""
    scaled = np.round((stored.astype("float64") * 0.0000275 - 0.2 - 0.004) * 10000).astype("int16")
    scaled[fill] = NBART_NODATA
    return scaled


def bands_of(red_stored, nir_stored, qa):
    """{asset: (array [y, x], nodata)}."""
    fill = qa == FILL
    red, nir = nbart(red_stored, fill), nbart(nir_stored, fill)
    green, swir = (red * 0.9 + 40).astype("int16"), (nir * 0.6 + red * 0.3).astype("int16")
    gaps = ~fill & ((red + nir) % 97 == 0)
    for band in (green, swir):
        band[fill] = NBART_NODATA
    swir[gaps] = NBART_NODATA
    snow = (qa == CLEAR) & (red > 700)
    land = (qa == CLEAR) | (qa == DILATED)
    classes = [land & ~snow, qa == CLOUD, qa == SHADOW, snow, qa == WATER]
    fmask = np.select(classes, [1, 2, 3, 4, 5], 0).astype("uint8")
    contiguity = np.where(fill, 255, np.where(gaps, 0, 1)).astype("uint8")
    bits = np.select(classes, [0, 0x8000, 0x4000, 0x6000, 0x2000], 0xFFFF).astype("uint16").view("int16")
    codes = np.select(classes, [1, -5, 3, 1, 2], -128).astype("int8")
    return {
        "nbart_red": (red, NBART_NODATA),
        "nbart_nir": (nir, NBART_NODATA),
        "nbart_green": (green, NBART_NODATA),
        "nbart_swir_1": (swir, NBART_NODATA),
        "oa_fmask": (fmask, 0),
        "oa_nbart_contiguity": (contiguity, 255),
        "bits_int16": (bits, -1),
        "codes_int8": (codes, -128),
    }


def read(path):
    with rasterio.open(path) as source:
        return source.read(1), source.profile


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("scenes")
    parser.add_argument("out")
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    with open(f"{options.scenes}/items.json") as file:
        collection = json.load(file)
    for item in collection["features"]:
        (red, profile), (nir, _), (qa, _) = (
            read(f"{options.scenes}/{item['assets'][band]['href']}") for band in ("red", "nir08", "qa_pixel")
        )
        item["assets"] = {}
        for name, (data, nodata) in bands_of(red, nir, qa).items():
            href = f"{item['id']}_{name}.tif"
            profile.update(dtype=data.dtype.name, nodata=nodata)
            with rasterio.open(f"{options.out}/{href}", "w", **profile) as file:
                file.write(data, 1)
            item["assets"][name] = {"href": href, "type": "image/tiff; application=geotiff", "roles": ["data"]}
    with open(f"{options.out}/items.json", "w") as file:
        json.dump(collection, file, indent=1)
    print(json.dumps({"scenes": len(collection["features"]), "out": options.out}))


if __name__ == "__main__":
    main()
