#!/usr/bin/env python3
"""Writes a year of made-up scenes that look like Landsat Collection 2 Level 2: red, nir08 and qa_pixel as tiled GeoTIFFs
(256 x 256 blocks, deflate, predictor 2, uint16), and items.json, a STAC ItemCollection, beside them.

    make_scenes.py OUT [--size 4096] [--dates 12] [--seed 1] [--layout single|rows|zones] [--offset 15]
                       [--time 00:05:30] [--overviews] [--first 2021-01-05] [--days 364]

single  one footprint; all scenes lie on one grid (EPSG:32755)
rows    two overlapping footprints of one path on every date, 24 s apart, on two grids of one zone
zones   two overlapping footprints in two UTM zones (EPSG:32755 and 32756), on dates of their own
offset  metres added to each origin: pixel edges of real scenes lie 15 m off the multiples of 30
time    UTC; with 23:52:00 a solar day and its UTC date differ
first, days  the first date, and over how many days the dates are spread

Stored numbers follow real scenes: reflectance of land, vegetation, water and cloud, QA codes of clear, water, dilated cloud,
shadow, cloud and fill, slanted edges of fill. Files compress about 1.5 : 1, as real bands do. The order of the random draws
is part of the format: the same arguments give the same pixels for ever, so that figures can be compared.
"""
import argparse
import datetime
import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import rasterio
from rasterio.enums import Resampling
from rasterio.transform import from_origin
from rasterio.warp import transform_bounds

CLEAR, WATER, DILATED, SHADOW, CLOUD, FILL = 21824, 21952, 21826, 23888, 22280, 1
EXTENSIONS = [
    "https://stac-extensions.github.io/projection/v1.1.0/schema.json",
    "https://stac-extensions.github.io/raster/v1.1.0/schema.json",
]


@dataclass(frozen=True)
class Footprint:
    """Where one series of scenes lies: upper-left corner in metres, seconds after the date's nominal time, days after it."""

    number: int
    epsg: int
    west: float
    north: float
    lag_seconds: int = 0
    lag_days: int = 0


def footprints(layout, size):
    if layout == "single":
        return [Footprint(0, 32755, 600000, 6100020)]
    if layout == "rows":
        south_west = Footprint(1, 32755, 600000 - 30 * (size // 9), 6100020 - 30 * (size * 4 // 5), lag_seconds=24)
        return [Footprint(0, 32755, 600000, 6100020), south_west]
    half = 30 * (size // 2)
    return [Footprint(0, 32755, 750000 - half, 6100020), Footprint(1, 32756, 202980 - half, 6100980, lag_days=8)]


def texture(size, rng, octaves):
    """float32 [size, size]: a weighted sum of noise grids, each enlarged bilinearly. `octaves` is [(cells, weight)]."""
    total = np.zeros((size, size), np.float32)
    for cells, weight in octaves:
        noise = rng.standard_normal((cells + 2, cells + 2)).astype(np.float32)
        at = np.linspace(0, cells, size, dtype=np.float32)
        low = at.astype(np.int32)
        part = at - low
        rows = noise[low] * (1 - part)[:, None] + noise[low + 1] * part[:, None]
        total += weight * (rows[:, low] * (1 - part) + rows[:, low + 1] * part)
    return total


class Ground:
    """What stays the same on all dates of a footprint."""

    def __init__(self, size, seed, number):
        rng = np.random.default_rng([seed, number])
        self.land = texture(size, rng, [(8, 1), (32, 0.6), (128, 0.4), (512, 0.25)])
        self.vegetation = texture(size, rng, [(6, 1), (24, 0.6), (96, 0.5), (384, 0.3)])
        self.water = self.land < -1.6
        y, x = np.ogrid[:size, :size]
        self.fill = (x + 0.18 * y < size * 0.08) | (x + 0.18 * y > size * 1.1)


def stored(values):
    return np.clip(values, 1, 65535).astype(np.uint16)


def scene(ground, rng, season):
    """{band: uint16 [y, x]} of one date. The draws below come in this order and no other."""
    shape, land, vegetation, water = ground.land.shape, ground.land, ground.vegetation, ground.water
    size = shape[0]
    cover = texture(size, rng, [(5, 1), (20, 0.6), (80, 0.35), (320, 0.15)])
    cloud = cover > 0.9
    shadow = np.roll(cloud, (40, -25), (0, 1)) & ~cloud
    dilated = (cover > 0.75) & ~cloud
    red = 9000 + 900 * land - 700 * vegetation * season + 60 * rng.standard_normal(shape, dtype=np.float32)
    nir = 15000 + 1200 * land + 2200 * vegetation * season + 90 * rng.standard_normal(shape, dtype=np.float32)
    wet = int(water.sum())
    red[water] = 7600 + 25 * rng.standard_normal(wet, dtype=np.float32)
    nir[water] = 7400 + 25 * rng.standard_normal(wet, dtype=np.float32)
    red[cloud] = 30000 + 3000 * cover[cloud]
    nir[cloud] = 32000 + 3000 * cover[cloud]
    red[shadow] *= 0.8
    nir[shadow] *= 0.75
    qa = np.full(shape, CLEAR, np.uint16)
    for where, code in ((water, WATER), (dilated, DILATED), (shadow, SHADOW), (cloud, CLOUD), (ground.fill, FILL)):
        qa[where] = code
    bands = {"red": stored(red), "nir08": stored(nir), "qa_pixel": qa}
    bands["red"][ground.fill] = 0
    bands["nir08"][ground.fill] = 0
    return bands


def nodata(band):
    return FILL if band == "qa_pixel" else 0


def write_band(path, band, data, georeference, overviews):
    profile = dict(driver="GTiff", height=data.shape[0], width=data.shape[1], count=1, dtype="uint16", nodata=nodata(band))
    profile.update(tiled=True, blockxsize=256, blockysize=256, compress="deflate", predictor=2, zlevel=6)
    with rasterio.open(path, "w", **profile, **georeference) as file:
        file.write(data, 1)
        if overviews:
            file.build_overviews([2, 4, 8], Resampling.nearest if band == "qa_pixel" else Resampling.average)


def item(name, moment, epsg, size, transform, box):
    """The STAC item of one scene; hrefs are relative to items.json."""
    west, south, east, north = box
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    assets = {
        band: {
            "href": f"{name}_{band}.tif",
            "type": "image/tiff; application=geotiff; profile=cloud-optimized",
            "roles": ["data"],
            "raster:bands": [{"data_type": "uint16", "nodata": nodata(band)}],
        }
        for band in ("red", "nir08", "qa_pixel")
    }
    properties = {"datetime": f"{moment:%Y-%m-%dT%H:%M:%SZ}", "platform": "landsat-8"}
    properties.update({"proj:epsg": epsg, "proj:shape": [size, size], "proj:transform": list(transform)[:6]})
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "id": name,
        "collection": "landsat-c2l2-sr",
        "bbox": list(box),
        "links": [],
        "stac_extensions": EXTENSIONS,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": properties,
        "assets": assets,
    }


def write_series(footprint, options):
    """Writes all dates of one footprint; returns their items."""
    size, ground, items = options.size, Ground(options.size, options.seed, footprint.number), []
    west, north = footprint.west + options.offset, footprint.north + options.offset
    transform = from_origin(west, north, 30, 30)
    georeference = dict(crs=f"EPSG:{footprint.epsg}", transform=transform)
    box = transform_bounds(georeference["crs"], "EPSG:4326", west, north - 30 * size, west + 30 * size, north)
    first = datetime.datetime.fromisoformat(f"{options.first}T{options.time}")
    for i in range(options.dates):
        days = i * options.days / options.dates + footprint.lag_days
        moment = first + datetime.timedelta(days=days, seconds=footprint.lag_seconds)
        season = np.float32(1 + 0.3 * np.sin(2 * np.pi * i / options.dates))
        bands = scene(ground, np.random.default_rng([options.seed, footprint.number, i]), season)
        name = f"LC08_{footprint.epsg}_{footprint.number}_{moment:%Y%m%d}"
        with ThreadPoolExecutor(2) as pool:
            jobs = [
                pool.submit(write_band, f"{options.out}/{name}_{band}.tif", band, data, georeference, options.overviews)
                for band, data in bands.items()
            ]
            for job in jobs:
                job.result()
        items.append(item(name, moment, footprint.epsg, size, transform, box))
    return items


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--size", type=int, default=4096)
    parser.add_argument("--dates", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--layout", choices=["single", "rows", "zones"], default="single")
    parser.add_argument("--offset", type=float, default=0)
    parser.add_argument("--time", default="00:05:30")
    parser.add_argument("--overviews", action="store_true")
    parser.add_argument("--first", default="2021-01-05")
    parser.add_argument("--days", type=int, default=364)
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    items = []
    for footprint in footprints(options.layout, options.size):
        items += write_series(footprint, options)
    with open(f"{options.out}/items.json", "w") as file:
        json.dump({"type": "FeatureCollection", "features": items}, file, indent=1)
    print(json.dumps({"scenes": len(items), "out": options.out}))


if __name__ == "__main__":
    main()
