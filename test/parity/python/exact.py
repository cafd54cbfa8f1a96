#!/usr/bin/env python3
"""The answer key: each band warped by GDAL with an exact coordinate transform, then plain numpy on the whole image.

    exact.py JOB.yaml OUT [--statistic mean|median|min|max|std|count]

GDAL by default lets coordinates drift by 0.125 pixel, window by window, so that Dask's result depends on the chunk size.
Here the tolerance is 1e-5 pixel, bands stay float and nothing is cut into chunks. Grid, solar days, order of fusing, flags
and seasons are those of reference.py. Writes OUT/ndvi_<SEASON>.tif and OUT/exact.json {shape, solarDays}.
"""
import argparse
import datetime
import json
import os
import warnings

import numpy as np
import odc.stac
import rasterio
from rasterio.enums import Resampling
from rasterio.vrt import WarpedVRT

from manifest import NODATA, read_job, write_image

SEASONS = ["DJF", "MAM", "JJA", "SON"]

# Each works on a stack [time, y, x] of float64 with NaN for no observation.
STATISTICS = {
    "mean": np.nanmean,
    "median": np.nanmedian,
    "min": np.nanmin,
    "max": np.nanmax,
    "std": np.nanstd,
    "count": lambda stack, axis: np.isfinite(stack).sum(axis),
}


def utc_of(feature):
    """The item's datetime, UTC, without a zone."""
    return datetime.datetime.fromisoformat(feature["properties"]["datetime"].replace("Z", ""))


def season_of(moment):
    """The season that xarray gives to a time label: December goes with January and February."""
    return SEASONS[moment.month % 12 // 3]


def solar_days(features, longitude):
    """[(date, features in the order of fusing)] by odc-stac's rule: UTC shifted by whole hours of longitude / 15, truncated."""
    shift, days = datetime.timedelta(hours=int(longitude / 15)), {}
    for feature in sorted(features, key=lambda f: (f["properties"]["datetime"], f["id"])):
        days.setdefault((utc_of(feature) + shift).date(), []).append(feature)
    return sorted(days.items())


class Warper:
    """Brings one band of one item onto the job's grid, as float32 with the band's own nodata."""

    def __init__(self, job):
        lazy = odc.stac.load(job.items(), bands=["red"], chunks={}, **job.grid_arguments())
        self.geobox = lazy.odc.geobox
        self.resampling = job.spec.get("resampling", {})

    def method(self, band):
        default = "nearest" if band == "qa_pixel" else self.resampling.get("*", "average")
        return Resampling[self.resampling.get(band, default)]

    def warp(self, feature, band):
        height, width = self.geobox.shape
        grid = dict(crs=str(self.geobox.crs), transform=self.geobox.transform, height=height, width=width)
        missing = dict(src_nodata=NODATA[band], nodata=NODATA[band], dtype="float32")
        with rasterio.open(feature["assets"][band]["href"]) as source:
            with WarpedVRT(source, resampling=self.method(band), tolerance=1e-5, **grid, **missing) as warped:
                return warped.read(1)

    def fuse(self, features):
        """{band: [y, x]} of one solar day: the first item that is not nodata wins, band by band, before any mask."""
        planes = {}
        for feature in features:
            for band, missing in NODATA.items():
                new = self.warp(feature, band)
                planes[band] = np.where(planes[band] == missing, new, planes[band]) if band in planes else new
        return planes


def ndvi(job, planes):
    """float32 [y, x], NaN where masked, missing or 0/0."""
    scale, offset = job.scale_offset()
    good = job.good(planes["qa_pixel"].astype(np.uint16)) & (planes["red"] != 0) & (planes["nir08"] != 0)
    red, nir = (np.float32(scale) * planes[band] + np.float32(offset) for band in ("red", "nir08"))
    with np.errstate(all="ignore"):
        return np.where(good, (nir - red) / (nir + red), np.nan)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("job")
    parser.add_argument("out")
    parser.add_argument("--statistic", choices=list(STATISTICS))
    options = parser.parse_args()
    job = read_job(options.job)
    statistic = options.statistic or job.spec.get("reduce", {}).get("statistic", "mean")
    warper = Warper(job)
    days = solar_days(job.features, warper.geobox.geographic_extent.centroid.coords[0][0])
    stacks = {}
    for _, features in days:
        label = utc_of(features[0])  # a group's time label is the UTC time of its first item
        stacks.setdefault(season_of(label), []).append(ndvi(job, warper.fuse(features)))
    os.makedirs(options.out, exist_ok=True)
    warnings.simplefilter("ignore", RuntimeWarning)  # "mean of empty slice": that pixel is NaN, as wanted
    for season, stack in stacks.items():
        image = STATISTICS[statistic](np.stack(stack).astype(np.float64), axis=0)
        write_image(f"{options.out}/ndvi_{season}.tif", image, warper.geobox.crs, warper.geobox.transform)
    report = {"shape": list(warper.geobox.shape), "solarDays": len(days)}
    with open(f"{options.out}/exact.json", "w") as file:
        json.dump(report, file)
    print(json.dumps(report))


if __name__ == "__main__":
    main()
