"""What the Python side understands of a ComputeJob over items on local disk.

Read by exact.py (the answer key) and reference.py (the Dask peer, which knows NDVI of USGS products alone), so that both see the same items,
flags and grid. Written apart from the TypeScript on purpose: the two share no table, so a wrong bit shows up as a difference.
"""
import json
import os
from dataclasses import dataclass

import pystac
import yaml

# Reflectance = scale * stored number + offset. Collection 1 Level 1 is left as stored.
SCALE_OFFSET = {"landsat-c2-l2": (0.0000275, -0.2), "landsat-c1-l1": (1.0, 0.0), "ga-landsat-ard": (0.0001, 0.0)}

_TRUTH = {False: 0, True: 1}
_HIGH = {"not_high_confidence": 0, "high_confidence": 1}
_LEVELS = {"none": 0, "low": 1, "medium": 2, "high": 3}

# product -> flag band -> flag -> (lowest bit, width in bits, value of each name)
FLAGS = {
    "landsat-c2-l2": {
        "qa_pixel": {
            "nodata": (0, 1, _TRUTH),
            "dilated_cloud": (1, 1, {"not_dilated": 0, "dilated": 1}),
            "cirrus": (2, 1, _HIGH),
            "cloud": (3, 1, _HIGH),
            "cloud_shadow": (4, 1, _HIGH),
            "snow": (5, 1, _HIGH),
            "clear": (6, 1, _TRUTH),
            "water": (7, 1, {"land_or_cloud": 0, "water": 1}),
            "cloud_confidence": (8, 2, _LEVELS),
        }
    },
    "landsat-c1-l1": {
        "qa_pixel": {
            "nodata": (0, 1, _TRUTH),
            "cloud": (4, 1, _HIGH),
            "cloud_shadow_confidence": (7, 2, _LEVELS),
            "snow_ice_confidence": (9, 2, _LEVELS),
            "cirrus_confidence": (11, 2, _LEVELS),
        }
    },
    "ga-landsat-ard": {
        "oa_fmask": {"fmask": (0, 8, {"nodata": 0, "valid": 1, "cloud": 2, "shadow": 3, "snow": 4, "water": 5})},
        "oa_nbart_contiguity": {"contiguous": (0, 1, _TRUTH)},
    },
}

# product -> flag band -> nodata (Data Format Control Books; GA's product definitions); all measured bands of a product have one nodata.
FLAG_NODATA = {
    "landsat-c2-l2": {"qa_pixel": 1},
    "landsat-c1-l1": {"qa_pixel": 1},
    "ga-landsat-ard": {"oa_fmask": 0, "oa_nbart_contiguity": 255},
}
NODATA = {"landsat-c2-l2": 0, "landsat-c1-l1": 0, "ga-landsat-ard": -999}
VALID_RANGE = {"landsat-c2-l2": (7273, 43636)}

# product -> other names of a band that tests use
ALIASES = {"ga-landsat-ard": {"red": "nbart_red", "nir": "nbart_nir", "green": "nbart_green", "fmask": "oa_fmask"}}

# The indices known by name: (a - b) / (a + b).
INDICES = {
    "landsat-c2-l2": {"ndvi": ("nir08", "red")},
    "landsat-c1-l1": {"ndvi": ("nir08", "red")},
    "ga-landsat-ard": {
        "ndvi": ("nbart_nir", "nbart_red"),
        "ndwi": ("nbart_green", "nbart_nir"),
        "ndmi": ("nbart_nir", "nbart_swir_1"),
    },
}


@dataclass(frozen=True)
class Band:
    """A band as the product says it is. `flags` only of a flag band; `keep` (low, high) only where masks ask for a range."""

    name: str
    assets: tuple
    nodata: float | None
    scale: float = 1.0
    offset: float = 0.0
    flags: dict | None = None
    valid_range: tuple | None = None


def _known_band(product, name):
    name = ALIASES.get(product, {}).get(name, name)
    if name in FLAGS[product]:
        return Band(name, (name,), FLAG_NODATA[product].get(name), flags=FLAGS[product][name])
    scale, offset = SCALE_OFFSET[product]
    return Band(name, (name,), NODATA[product], scale, offset, valid_range=VALID_RANGE.get(product))


def _table_band(table, name):
    """A band of the job's own productTable, by its name or an alias."""
    flags = table.get("flags", {})
    for own, about in table["bands"].items():
        if name == own or name in about.get("aliases", []):
            fields = {flag: (f["bit"], f["width"], f["values"]) for flag, f in flags[own].items()} if own in flags else None
            limits = about.get("validRange")
            assets = (own, *about.get("aliases", []))
            valid_range = (limits["min"], limits["max"]) if limits else None
            return Band(own, assets, about.get("nodata"), about.get("scale", 1.0), about.get("offset", 0.0), fields, valid_range)
    raise KeyError(name)


@dataclass(frozen=True)
class Job:
    """A manifest's spec and its items: within spec.time (UTC dates, both ends in), hrefs made absolute, file order kept."""

    spec: dict
    features: list

    def items(self):
        """The items as pystac knows them."""
        return [pystac.Item.from_dict(feature) for feature in self.features]

    def band(self, name):
        """The Band of that name, or of that alias."""
        table = self.spec.get("productTable")
        return _table_band(table, name) if table else _known_band(self.spec["product"], name)

    def indices(self):
        """[(name, bands)]: two bands of a normalized difference, or one that is taken as it is."""
        asked = self.spec.get("indices") or [{"name": self.spec.get("index", "ndvi")}]
        known = {"ndvi": ("nir08", "red")} if "productTable" in self.spec else INDICES[self.spec["product"]]
        bands = [i.get("normalizedDifference") or ([i["band"]] if "band" in i else known[i["name"]]) for i in asked]
        return [(index["name"], [self.band(name) for name in names]) for index, names in zip(asked, bands)]

    def masks(self):
        """The masks, always a list."""
        mask = self.spec.get("mask", [])
        return mask if isinstance(mask, list) else [mask]

    def keep_range(self, band):
        """(low, high) of the stored numbers that every mask lets count."""
        low, high = float("-inf"), float("inf")
        for mask in self.masks():
            asked = mask.get("validRange", "none")
            if asked == "none":
                continue
            least, most = band.valid_range if asked == "product" else (asked["min"], asked["max"])
            low, high = max(low, least), min(high, most)
        return low, high

    def scale_offset(self):
        """(scale, offset) that turn stored numbers into what the job wants; (1, 0) for `values: raw`."""
        return (1, 0) if self.raw() else SCALE_OFFSET[self.spec["product"]]

    def raw(self):
        return self.spec.get("values", "reflectance") == "raw"

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
        """Where `qa` (integers, any array type) has every flag of the job's only mask as asked. True = usable."""
        return self.passes(self.masks()[0], qa)

    def passes(self, mask, stored):
        """Where the flag band of one mask (integers, any array type) has every flag as asked."""
        usable, fields = None, self.band(mask["band"]).flags
        for flag, wanted in mask["flags"].items():
            ok = self._has_flag(stored, fields[flag], wanted if isinstance(wanted, list) else [wanted])
            usable = ok if usable is None else usable & ok
        return usable

    @staticmethod
    def _has_flag(stored, field, names):
        bit, width, values = field
        part = (stored >> bit) & ((1 << width) - 1)
        by_text = {str(name).lower(): value for name, value in values.items()}
        first, *rest = [by_text[str(name).lower()] for name in names]
        ok = part == first
        for value in rest:
            ok = ok | (part == value)
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


def write_image(path, image, crs, transform, dtype="float32"):
    """One band as a tiled GeoTIFF; float32 has NaN for no observation, uint16 (counts) no nodata. `image` is [y, x], row 0 north."""
    import rasterio

    profile = dict(driver="GTiff", height=image.shape[0], width=image.shape[1], count=1, dtype=dtype, crs=str(crs))
    profile.update(transform=transform, compress="deflate", tiled=True)
    profile.update(dict(nodata=float("nan"), predictor=3) if dtype == "float32" else dict(predictor=2))
    with rasterio.open(path, "w", **profile) as file:
        file.write(image.astype(dtype), 1)
