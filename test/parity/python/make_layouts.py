#!/usr/bin/env python3
"""Writes one small image in every layout that GDAL can write and Mayfly reads, so that the parity test is not fitted to a list of files.

    make_layouts.py OUT

Prints nothing. The pixels differ from row to row, have runs, negative numbers where the type has them, and both ends of its range.
"""
import argparse
import itertools
import os
import warnings

import numpy as np
import rasterio
from rasterio.transform import from_origin

HEIGHT, WIDTH = 75, 52
INTEGERS = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"]
FLOATS = ["float32", "float64"]
PLAIN = {"driver": "GTiff", "height": HEIGHT, "width": WIDTH, "crs": "EPSG:32618", "transform": from_origin(499980, 4200000, 30, 30)}
TILED = {"tiled": True, "blockxsize": 32, "blockysize": 16}


def pixels(dtype, seed=0):
    random = np.random.default_rng(seed)
    rows, cols = np.mgrid[:HEIGHT, :WIDTH]
    smooth = (rows * 3 + cols * (1 + seed)) // 4
    if np.dtype(dtype).kind == "f":
        data = np.where(random.random(smooth.shape) < 0.5, smooth / 7, random.normal(0, 1e3, smooth.shape))
        data.flat[:4] = [np.nan, -0.0, np.finfo(dtype).max, np.finfo(dtype).tiny]
    else:
        limits = np.iinfo(dtype)
        noise = random.integers(limits.min, limits.max, smooth.shape, dtype=dtype, endpoint=True)
        data = np.where(random.random(smooth.shape) < 0.7, smooth.astype(dtype), noise)
        data.flat[:2] = [limits.min, limits.max]
    return data.astype(dtype)


def write(out, name, dtype, bands=1, mask=None, data=None, **options):
    path = os.path.join(out, name + ".tif")
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "w", count=bands, dtype=dtype, **PLAIN, **options) as file:
        for band in range(bands):
            file.write(pixels(dtype, band) if data is None else data, band + 1)
        if mask is not None:
            file.write_mask(mask)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    out = parser.parse_args().out
    os.makedirs(out, exist_ok=True)
    warnings.filterwarnings("ignore")
    for dtype, endianness in itertools.product(INTEGERS + FLOATS, ["little", "big"]):
        predictors = [1, 2, 3] if dtype in FLOATS else [1, 2]
        for compress, predictor in [("none", 1), ("packbits", 1), *itertools.product(["deflate", "lzw", "zstd"], predictors)]:
            name = f"{dtype}-{endianness}-{compress}-{predictor}"
            extra = {"predictor": predictor} if predictor > 1 else {}
            write(out, name, dtype, compress=compress, endianness=endianness, **extra, **TILED)
        write(out, f"{dtype}-{endianness}-strips", dtype, compress="lzw", endianness=endianness, blockysize=9)
        write(out, f"{dtype}-{endianness}-one-strip", dtype, endianness=endianness, blockysize=HEIGHT)
        write(out, f"{dtype}-{endianness}-big", dtype, compress="deflate", endianness=endianness, bigtiff="yes", **TILED)
        for interleave, predictor in itertools.product(["pixel", "band"], predictors):
            name = f"{dtype}-{endianness}-{interleave}-{predictor}"
            extra = {"predictor": predictor} if predictor > 1 else {}
            write(out, name, dtype, bands=3, compress="deflate", interleave=interleave, endianness=endianness, **extra, **TILED)
    for dtype, inside in itertools.product(["int8", "uint8", "uint16", "int16", "uint32", "int32", "float32", "float64"], ["lerc", "lerc_deflate", "lerc_zstd"]):
        write(out, f"{dtype}-{inside}", dtype, compress=inside, **TILED)
        write(out, f"{dtype}-{inside}-pixel", dtype, bands=3, compress=inside, interleave="pixel", **TILED)
        if not dtype.startswith("float"):
            write(out, f"{dtype}-{inside}-big-endian", dtype, compress=inside, endianness="big", blockysize=20)
        else:
            write(out, f"{dtype}-{inside}-lossy", dtype, compress=inside, max_z_error=0.01, **TILED)
    for bits in [b for b in range(1, 32) if b not in (8, 16)]:
        dtype = "uint8" if bits < 8 else "uint16" if bits < 16 else "uint32"
        data = (pixels(dtype) % (2**bits)).astype(dtype)
        for endianness in ["little", "big"]:
            write(out, f"{bits}bits-{endianness}", dtype, data=data, nbits=bits, compress="deflate", endianness=endianness, **TILED)
        write(out, f"{bits}bits-pixel", dtype, bands=2, data=data, nbits=bits, interleave="pixel", blockysize=11)
    write(out, "float16", "float32", data=np.float32(np.float16(np.clip(pixels("float32"), -6e4, 6e4))), nbits=16, compress="deflate", **TILED)
    hole = np.where(np.mgrid[:HEIGHT, :WIDTH][0] < 40, 7, 0)
    for dtype, nodata in [("uint16", None), ("uint16", 0), ("int16", 0), ("float32", 0)]:
        extra = {} if nodata is None else {"nodata": nodata}
        write(out, f"sparse-{dtype}-{nodata}", dtype, data=hole.astype(dtype), sparse_ok=True, compress="deflate", **extra, **TILED)
    odd = (np.add(*np.mgrid[:HEIGHT, :WIDTH]) % 3 > 0).astype("uint8") * 255
    for compress in ["none", "deflate", "lzw", "packbits"]:
        write(out, f"mask-{compress}", "uint16", mask=odd, compress=compress, **TILED)
    write(out, "mask-strips", "int16", mask=odd, blockysize=13)
    write(out, "alpha-4", "uint8", bands=4, photometric="rgb", alpha="yes", **TILED)
    write(out, "alpha-2", "uint16", bands=2, alpha="yes", interleave="band", **TILED)
    grey = {"data": (np.add(*np.mgrid[:HEIGHT, :WIDTH]) % 256).astype("uint8"), "compress": "jpeg"}
    write(out, "jpeg-grey", "uint8", jpeg_quality=60, **grey, **TILED)
    write(out, "jpeg-strips", "uint8", blockysize=16, **grey)
    write(out, "jpeg-bands", "uint8", bands=3, compress="jpeg", interleave="band", **TILED)
    write(out, "jpeg-rgb", "uint8", bands=3, compress="jpeg", interleave="pixel", photometric="rgb", **TILED)
    write(out, "jpeg-ycbcr", "uint8", bands=3, compress="jpeg", interleave="pixel", photometric="ycbcr", **TILED)
    write(out, "jpeg-ycbcr-strips", "uint8", bands=3, compress="jpeg", interleave="pixel", photometric="ycbcr", blockysize=16)
    for text, dtype in [("nan", "float32"), ("-inf", "float64"), ("-3.4028234663852886e+38", "float32"), ("-9999", "int16")]:
        write(out, f"nodata-{text}", dtype, nodata=float(text), **TILED)


if __name__ == "__main__":
    main()
