"""What the Python side understands of a ComputeJob: enough for an NDVI job over Landsat items on local disk.

Read by exact.py (the answer key) and reference.py (the Dask peer), so that both see the same items, flags and grid.
Written apart from the TypeScript on purpose: the two share no table, so a wrong bit shows up as a difference.
"""
import json
import os
from dataclasses import dataclass

import pystac
import yaml

# The marker of a missing pixel in each band (Landsat Collection 2 Level 2 Data Format Control Book).
NODATA = {"red": 0, "nir08": 0, "qa_pixel": 1}

# Reflectance = scale * stored number + offset. Collection 1 Level 1 is left as stored.
SCALE_OFFSET = {"landsat-c2-l2": (0.0000275, -0.2), "landsat-c1-l1": (1.0, 0.0)}

_TRUTH = {False: 0, True: 1}
_HIGH = {"not_high_confidence": 0, "high_confidence": 1}
_LEVELS = {"none": 0, "low": 1, "medium": 2, "high": 3}

# product -> flag -> (lowest bit, width in bits, value of each name)
FLAGS = {
    "landsat-c2-l2": {
        "nodata": (0, 1, _TRUTH),
        "dilated_cloud": (1, 1, {"not_dilated": 0, "dilated": 1}),
        "cirrus": (2, 1, _HIGH),
        "cloud": (3, 1, _HIGH),
        "cloud_shadow": (4, 1, _HIGH),
        "snow": (5, 1, _HIGH),
        "clear": (6, 1, _TRUTH),
        "water": (7, 1, {"land_or_cloud": 0, "water": 1}),
    },
    "landsat-c1-l1": {
        "nodata": (0, 1, _TRUTH),
        "cloud": (4, 1, _HIGH),
        "cloud_shadow_confidence": (7, 2, _LEVELS),
        "snow_ice_confidence": (9, 2, _LEVELS),
        "cirrus_confidence": (11, 2, _LEVELS),
    },
}


@dataclass(frozen=True)
class Job:
    """A manifest's spec and its items: within spec.time (UTC dates, both ends in), hrefs made absolute, file order kept."""

    spec: dict
    features: list

    def items(self):
        """The items as pystac knows them."""
        return [pystac.Item.from_dict(feature) for feature in self.features]

    def scale_offset(self):
        """(scale, offset) that turn stored numbers into what the job wants; (1, 0) for `values: raw`."""
        raw = self.spec.get("values", "reflectance") == "raw"
        return (1, 0) if raw else SCALE_OFFSET[self.spec["product"]]

    def grid_arguments(self):
        """The words of odc.stac.load that fix the output grid."""
        grid, region = self.spec["grid"], self.spec.get("region")
        words = {"crs": grid["crs"], "resolution": grid["resolution"], "anchor": grid.get("anchor", "edge")}
        if region:
            words.update(lon=tuple(region["lon"]), lat=tuple(region["lat"]))
        return words

    def chunks(self):
        """Chunk sizes by odc-stac's axis names; the manifest may say height and width or y and x."""
        asked = self.spec.get("chunks", {"time": 1, "y": 2048, "x": 2048})
        return {{"height": "y", "width": "x"}.get(axis, axis): size for axis, size in asked.items()}

    def good(self, qa):
        """Where `qa` (integers, any array type) has every flag of the mask as asked. True = usable."""
        mask = self.spec["mask"]
        flags = (mask[0] if isinstance(mask, list) else mask)["flags"]
        usable = None
        for flag, wanted in flags.items():
            ok = self._has_flag(qa, flag, wanted if isinstance(wanted, list) else [wanted])
            usable = ok if usable is None else usable & ok
        return usable

    def _has_flag(self, qa, flag, names):
        bit, width, values = FLAGS[self.spec["product"]][flag]
        field = (qa >> bit) & ((1 << width) - 1)
        first, *rest = [values[{"false": False, "true": True}.get(name, name)] for name in names]
        ok = field == first
        for value in rest:
            ok = ok | (field == value)
        return ok


def read_job(path):
    """The Job in the YAML file at `path`; its items file is found beside it."""
    with open(path) as file:
        spec = yaml.safe_load(file)["spec"]
    items_path = os.path.join(os.path.dirname(os.path.abspath(path)), spec["source"]["items"])
    with open(items_path) as file:
        features = json.load(file)["features"]
    start, end = str(spec["time"]["start"]), str(spec["time"]["end"])
    features = [f for f in features if start <= f["properties"]["datetime"][:10] <= end]
    for feature in features:
        for asset in feature["assets"].values():
            if "://" not in asset["href"]:
                asset["href"] = os.path.join(os.path.dirname(items_path), asset["href"])
    return Job(spec, features)


def write_image(path, image, crs, transform):
    """One float32 band as a tiled GeoTIFF with NaN for no observation. `image` is [y, x], row 0 north."""
    import rasterio

    profile = dict(driver="GTiff", height=image.shape[0], width=image.shape[1], count=1, dtype="float32", crs=str(crs))
    profile.update(transform=transform, nodata=float("nan"), compress="deflate", predictor=3, tiled=True)
    with rasterio.open(path, "w", **profile) as file:
        file.write(image.astype("float32"), 1)
