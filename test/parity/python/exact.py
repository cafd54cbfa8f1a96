#!/usr/bin/env python3
"""The answer key: each band warped by GDAL with an exact coordinate transform, then plain numpy on the whole image.

    exact.py JOB.yaml OUT [--statistic mean|median|min|max|std|count] [--counts]

GDAL by default lets coordinates drift by 0.125 pixel, window by window, so that Dask's result depends on the chunk size.
Here the tolerance is 1e-8 pixel (beside clouds, where reflectances add up to nearly 0, 1e-5 pixel of cubic is 0.005 of NDVI), bands
stay float and nothing is cut into chunks. Grid, solar days, order of fusing, flags and seasons are those of reference.py. Writes OUT/<index>_<GROUP>.tif, with --counts also OUT/<index>_<GROUP>_count.tif, and
OUT/exact.json {shape, solarDays}.
"""
import argparse
import datetime
import json
import os
import warnings

import numpy as np
import odc.stac
from rasterio.enums import Resampling
from rasterio.vrt import WarpedVRT

from manifest import read_job, write_image
from source_step import open_source, warp_options

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


def group_of(moment, reduce):
    """The name of the group that xarray's time.season, month, quarter or year puts a moment in; December's season is the next year's."""
    by, split = reduce.get("by", "season"), reduce.get("each") == "year"
    if by in ("year", "all"):
        return f"{moment.year}" if by == "year" or split else "all"
    name, year = {
        "season": (SEASONS[moment.month % 12 // 3], moment.year + moment.month // 12),
        "month": (f"{moment.month:02}", moment.year),
        "quarter": (f"Q{(moment.month + 2) // 3}", moment.year),
    }[by]
    return f"{year}-{name}" if split else name


def solar_days(features, longitude):
    """[(date, features in the order of fusing)] by odc-stac's rule: UTC shifted by whole hours of longitude / 15, truncated."""
    shift, days = datetime.timedelta(hours=int(longitude / 15)), {}
    for feature in sorted(features, key=lambda f: (f["properties"]["datetime"], f["id"])):
        days.setdefault((utc_of(feature) + shift).date(), []).append(feature)
    return sorted(days.items())


class Warper:
    """Brings one band of one item onto the job's grid, as float32 with the band's own nodata."""

    def __init__(self, job, bands):
        asset = self.asset_of(job.features[0], bands[0])
        lazy = odc.stac.load(job.items(), bands=[asset], chunks={}, **job.grid_arguments())
        self.geobox = lazy.odc.geobox
        self.bands = bands
        self.resampling = job.spec.get("resampling", {})
        self.overviews = job.spec["grid"].get("overviews") == "auto"

    @staticmethod
    def asset_of(feature, band):
        return next(name for name in band.assets if name in feature["assets"])

    def method(self, band):
        default = "nearest" if band.flags else self.resampling.get("*", "average")
        return Resampling[next((self.resampling[name] for name in band.assets if name in self.resampling), default)]

    def warp(self, feature, band):
        height, width = self.geobox.shape
        grid = dict(crs=str(self.geobox.crs), transform=self.geobox.transform, height=height, width=width)
        missing = dict(src_nodata=band.nodata, nodata=band.nodata, dtype="float32")
        method = self.method(band)
        href = feature["assets"][self.asset_of(feature, band)]["href"]
        with open_source(href, self.geobox, self.overviews and not band.flags) as source:
            filters = warp_options(source, self.geobox) if method in (Resampling.bilinear, Resampling.cubic) else {}
            with WarpedVRT(source, resampling=method, tolerance=1e-8, **grid, **missing, **filters) as warped:
                return warped.read(1)

    def fuse(self, features):
        """{band name: [y, x]} of one solar day: the first item that is not nodata wins, band by band, before any mask."""
        planes = {}
        for feature in features:
            for band in self.bands:
                new, old = self.warp(feature, band), planes.get(band.name)
                planes[band.name] = new if old is None else np.where(old == band.nodata, new, old)
        return planes


def usable(job, planes):
    """bool [y, x]: every mask passed. Signed codes are taken as the bits that they are."""
    good = np.ones(next(iter(planes.values())).shape, bool)
    for mask in job.masks():
        band = job.band(mask["band"])
        stored = planes[band.name]
        good &= (stored != band.nodata) & job.passes(mask, stored.astype(np.int32))
    return good


def observed(job, planes, bands):
    """float32 [y, x] of one index (a normalized difference of two bands, or one band): NaN where masked, missing or 0/0."""
    good, values = usable(job, planes), []
    for band in bands:
        stored = planes[band.name]
        low, high = job.keep_range(band)
        good &= (stored != band.nodata) & (stored >= np.float32(low)) & (stored <= np.float32(high))
        scale, offset = (1, 0) if job.raw() else (band.scale, band.offset)
        values.append(np.float32(scale) * stored + np.float32(offset))
    with np.errstate(all="ignore"):
        index = values[0] if len(values) == 1 else (values[0] - values[1]) / (values[0] + values[1])
    return np.where(good, index, np.float32(np.nan))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("job")
    parser.add_argument("out")
    parser.add_argument("--statistic", choices=list(STATISTICS))
    parser.add_argument("--counts", action="store_true")
    options = parser.parse_args()
    job = read_job(options.job)
    reduce = job.spec.get("reduce", {})
    statistic = options.statistic or reduce.get("statistic", "mean")
    indices = job.indices()
    flag_bands = [job.band(mask["band"]) for mask in job.masks()]
    named = {band.name: band for band in [*(band for _, bands in indices for band in bands), *flag_bands]}
    warper = Warper(job, list(named.values()))
    days = solar_days(job.features, warper.geobox.geographic_extent.centroid.coords[0][0])
    stacks = {}
    for date, features in days:
        # A group's time label is the UTC time of its first item; by the solar calendar it is the day itself.
        label = date if reduce.get("calendar") == "solar" else utc_of(features[0])
        planes = warper.fuse(features)
        for name, bands in indices:
            stacks.setdefault((name, group_of(label, reduce)), []).append(observed(job, planes, bands))
    os.makedirs(options.out, exist_ok=True)
    warnings.simplefilter("ignore", RuntimeWarning)  # "mean of empty slice": that pixel is NaN, as wanted
    place = (warper.geobox.crs, warper.geobox.transform)
    for (name, group), stack in stacks.items():
        stack = np.stack(stack).astype(np.float64)
        write_image(f"{options.out}/{name}_{group}.tif", STATISTICS[statistic](stack, axis=0), *place)
        if options.counts:
            write_image(f"{options.out}/{name}_{group}_count.tif", (~np.isnan(stack)).sum(0), *place, dtype="uint16")
    report = {"shape": list(warper.geobox.shape), "solarDays": len(days)}
    with open(f"{options.out}/exact.json", "w") as file:
        json.dump(report, file)
    print(json.dumps(report))


if __name__ == "__main__":
    main()
