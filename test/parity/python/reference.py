#!/usr/bin/env python3
"""The peer: the same ComputeJob on dask.distributed's LocalCluster, odc-stac, xarray and rasterio, as a notebook does it.

    reference.py JOB.yaml OUT [--workers 2] [--threads 1] [--memory 2GiB]

Writes OUT/ndvi_<SEASON>.tif (float32, NaN where there is no valid observation) and OUT/reference.json: the seconds of each
part and the peak resident memory of the process tree. A peer for speed, run beside what it is compared with; an answer key
only on aligned grids, since elsewhere GDAL's approximate coordinates make its pixels depend on the chunk size.
"""
import argparse
import json
import os
import threading
import time

import numpy as np
import psutil

from manifest import read_job, write_image


class PeakMemory(threading.Thread):
    """Samples the resident bytes of this process and all below it, every 50 ms; `bytes` is the largest sum seen."""

    def __init__(self):
        super().__init__(daemon=True)
        self.bytes, self._over = 0, threading.Event()

    def run(self):
        me = psutil.Process()
        while not self._over.wait(0.05):
            self.bytes = max(self.bytes, sum(map(self._resident, [me, *me.children(recursive=True)])))

    @staticmethod
    def _resident(process):
        try:
            return process.memory_info().rss
        except psutil.Error:  # it ended between the listing and the reading
            return 0

    def stop(self):
        self._over.set()


def lazy_seasonal_ndvi(job):
    """(dataset as loaded, lazy NDVI by season). Nothing is read yet."""
    import odc.stac

    loaded = odc.stac.load(
        job.items(),
        bands=job.spec.get("measurements", ["red", "nir08", "qa_pixel"]),
        chunks=job.chunks(),
        groupby=job.spec.get("groupBy", "solar_day"),
        resampling=job.spec["resampling"],
        **job.grid_arguments(),
    )
    good = job.good(loaded.qa_pixel) & (loaded.red != 0) & (loaded.nir08 != 0)  # 0 is nodata in both bands
    kept = loaded[["red", "nir08"]].where(good)
    red, nir = kept.red, kept.nir08
    if job.spec.get("values", "reflectance") == "reflectance":
        scale, offset = job.scale_offset()
        red, nir = red * np.float32(scale) + np.float32(offset), nir * np.float32(scale) + np.float32(offset)
    return loaded, ((nir - red) / (nir + red)).groupby("time.season").mean("time")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("job")
    parser.add_argument("out")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--memory", default="2GiB")
    options = parser.parse_args()
    job = read_job(options.job)
    import odc.stac
    from dask.distributed import Client, LocalCluster

    begun = time.time()
    sizes = dict(n_workers=options.workers, threads_per_worker=options.threads, memory_limit=options.memory)
    cluster = LocalCluster(dashboard_address=None, **sizes)
    client = Client(cluster)
    odc.stac.configure_rio(cloud_defaults=True, client=client)
    peak = PeakMemory()
    peak.start()
    started = time.time()
    loaded, seasonal = lazy_seasonal_ndvi(job)
    planned = time.time()
    done = seasonal.compute()
    computed = time.time()
    peak.stop()
    os.makedirs(options.out, exist_ok=True)
    for season in done.season.values:
        image = done.sel(season=season).values
        write_image(f"{options.out}/ndvi_{season}.tif", image, loaded.odc.crs, loaded.odc.geobox.transform)
    report = {
        "sizes": {axis: int(size) for axis, size in loaded.sizes.items()},
        "datasetBytes": int(loaded.nbytes),
        "clusterStartSeconds": round(started - begun, 3),
        "graphSeconds": round(planned - started, 3),
        "computeSeconds": round(computed - planned, 3),
        "wallSeconds": round(computed - begun, 3),
        "peakResidentBytes": peak.bytes,
    }
    with open(f"{options.out}/reference.json", "w") as file:
        json.dump(report, file, indent=1)
    print(json.dumps(report))
    client.close()
    cluster.close()


if __name__ == "__main__":
    main()
