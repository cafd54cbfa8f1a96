#!/usr/bin/env python3
"""Holds bands as Mayfly read them against rasterio's.

    compare_bands.py LIST.json

LIST is [{file, sample, type, height, width, data, mask}]: `data` and `mask` are raw little-endian arrays in files, mask null where there is none.
Prints one line of JSON: for each entry {file, sample, problem, maxError}, problem null where shape, type and every number are equal, the numbers
of lossy JPEG within 2, and the mask is rasterio's (nodata apart, which Mayfly compares later).
"""
import json
import logging
import sys
import warnings

import numpy as np
import rasterio


def compare(entry):
    shape = (entry["height"], entry["width"])
    with rasterio.open(entry["file"]) as file:
        theirs = file.read(entry["sample"] + 1)
        flags = {flag.name for flag in file.mask_flag_enums[entry["sample"]]}
        mask = file.read_masks(entry["sample"] + 1)
        jpeg = file.tags(ns="IMAGE_STRUCTURE").get("COMPRESSION", "").endswith("JPEG")
    if theirs.dtype.kind in "iu" and theirs.dtype.itemsize == 8:
        theirs = theirs.astype("float64")
    ours = np.fromfile(entry["data"], entry["type"])
    if ours.size != theirs.size or shape != theirs.shape or ours.dtype != theirs.dtype:
        return f"{shape} of {ours.dtype} where rasterio has {theirs.shape} of {theirs.dtype}", None
    ours = ours.reshape(shape)
    same = (ours == theirs) | ((ours != ours) & (theirs != theirs))
    with np.errstate(all="ignore"):
        error = float(np.max(np.abs(np.where(same, 0, ours.astype("float64") - theirs.astype("float64"))), initial=0))
    if not same.all() and not (jpeg and error <= 2):
        return f"{int((~same).sum())} numbers differ, by up to {error}", error
    dataset_mask = "per_dataset" in flags
    if dataset_mask != (entry["mask"] is not None):
        return f"rasterio's mask is {sorted(flags)}", error
    if dataset_mask and not np.array_equal(np.fromfile(entry["mask"], "uint8").reshape(shape) != 0, mask != 0):
        return "the mask differs", error
    return None, error


def main():
    logging.disable(logging.CRITICAL)
    warnings.filterwarnings("ignore")
    with open(sys.argv[1]) as file:
        entries = json.load(file)
    records = []
    for entry in entries:
        try:
            problem, error = compare(entry)
        except Exception as cause:  # rasterio cannot read it: a problem like the others
            problem, error = f"rasterio: {cause}", None
        records.append({"file": entry["file"], "sample": entry["sample"], "problem": problem, "maxError": error})
    print(json.dumps(records))


if __name__ == "__main__":
    main()
