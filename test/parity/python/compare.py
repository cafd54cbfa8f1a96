#!/usr/bin/env python3
"""Compares the images of two directories on the pixels that they share, by coordinates.

    compare.py OURS REFERENCE [--tolerance 1e-5] [--within 1.0] [--nan-mismatch 0.0] [--json]

Exits with 1 unless, for every <index>_<GROUP>.tif of REFERENCE: both lie on one pixel lattice, OURS covers 99 % of the pixels of
REFERENCE, the share of pixels within the tolerance is at least --within, and the share of pixels where only one side is NaN
is at most --nan-mismatch. Prints a line a group, or with --json one array of records.
"""
import argparse
import glob
import json
import os
import sys

import numpy as np
import rasterio
from rasterio.windows import from_bounds


def lattice_difference(ours, theirs):
    """Why the two do not lie on one lattice, or None."""
    t, u = ours.transform, theirs.transform
    if ours.crs != theirs.crs:
        return f"crs {ours.crs} and {theirs.crs}"
    if abs(t.a - u.a) > 1e-9 * abs(u.a) or abs(t.e - u.e) > 1e-9 * abs(u.e):
        return f"pixel sizes {t.a}, {t.e} and {u.a}, {u.e}"
    shifts = ((t.c - u.c) / u.a, (t.f - u.f) / u.e)
    if any(abs(shift - round(shift)) > 1e-6 for shift in shifts):
        return f"shifted by {shifts[0]}, {shifts[1]} pixels"
    return None


def common_pixels(ours, theirs):
    """(pixels of ours, pixels of theirs, share of theirs that both cover), for the box that both cover."""
    a, b = ours.bounds, theirs.bounds
    box = max(a.left, b.left), max(a.bottom, b.bottom), min(a.right, b.right), min(a.top, b.top)

    def read(image):
        return image.read(1, window=from_bounds(*box, image.transform).round_offsets().round_lengths())

    p, q = read(ours), read(theirs)
    return p, q, q.size / (theirs.width * theirs.height)


def compare_group(ours_path, theirs_path, options):
    """One record: the group's figures and whether they are good enough."""
    group = os.path.splitext(os.path.basename(theirs_path))[0]
    if not os.path.exists(ours_path):
        return {"group": group, "ok": False, "problem": "missing"}
    with rasterio.open(ours_path) as ours, rasterio.open(theirs_path) as theirs:
        difference = lattice_difference(ours, theirs)
        if difference:
            return {"group": group, "ok": False, "problem": f"different lattice: {difference}"}
        p, q, overlap = common_pixels(ours, theirs)
    both = np.isfinite(p) & np.isfinite(q)
    error = np.abs(p[both].astype("float64") - q[both])
    within = float((error <= options.tolerance).mean()) if error.size else 1.0
    lone = float((np.isfinite(p) != np.isfinite(q)).mean())
    # Nothing to compare is only right where there is nothing to see.
    empty = not np.isfinite(q).any() and not np.isfinite(p).any()
    good = overlap >= 0.99 and within >= options.within and lone <= options.nan_mismatch and (error.size > 0 or empty)
    return {
        "group": group,
        "ok": bool(good),
        "problem": None if good else "falls short",
        "overlap": round(overlap, 6),
        "valid": float(both.mean()),
        "within": within,
        "maxError": float(error.max()) if error.size else 0.0,
        "meanError": float(error.mean()) if error.size else 0.0,
        "onlyOneNan": lone,
    }


def line(record):
    """The record for a reader."""
    if "within" not in record:
        return f"{record['group']} {record['problem']}"
    return (
        f"{record['group']} overlap {record['overlap']:.4f} valid {record['valid']:.3f} within {record['within']:.6f} "
        f"max {record['maxError']:.2e} mean {record['meanError']:.2e} only-one-NaN {record['onlyOneNan']:.2e} "
        f"{'ok' if record['ok'] else 'FALLS SHORT'}"
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("ours")
    parser.add_argument("reference")
    parser.add_argument("--tolerance", type=float, default=1e-5)
    parser.add_argument("--within", type=float, default=1.0)
    parser.add_argument("--nan-mismatch", type=float, default=0.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    paths = sorted(glob.glob(f"{options.reference}/*_*.tif"))
    if not paths:
        sys.exit(f"no <index>_<group>.tif in {options.reference}")
    records = [compare_group(f"{options.ours}/{os.path.basename(path)}", path, options) for path in paths]
    if options.json:
        print(json.dumps(records))
    else:
        print("\n".join(map(line, records)))
    sys.exit(0 if all(record["ok"] for record in records) else 1)


if __name__ == "__main__":
    main()
