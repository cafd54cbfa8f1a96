#!/usr/bin/env python3
"""same_crs.py IMAGE OTHER [ITEM]: whether two images have one CRS as rasterio reads them, and ITEM's proj:wkt2 (if it has one) is that CRS too."""
import json
import sys

import rasterio
from rasterio.crs import CRS


def main():
    with rasterio.open(sys.argv[1]) as image, rasterio.open(sys.argv[2]) as other:
        report = {"equal": image.crs == other.crs, "crs": image.crs.to_string(), "epsg": image.crs.to_epsg()}
        report["sameProj"] = image.crs.to_proj4() == other.crs.to_proj4()
        proj4 = image.crs.to_proj4()
    if len(sys.argv) > 3:
        with open(sys.argv[3]) as file:
            wkt2 = json.load(file)["properties"].get("proj:wkt2")
        report["wkt2"] = wkt2 is None or CRS.from_wkt(wkt2).to_proj4() == proj4
    print(json.dumps(report))


if __name__ == "__main__":
    main()
