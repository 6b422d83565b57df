"""Time and memory of yearly productivity from composites that are read block by block.

A simulated country of 600,000 km² in cells of 250 m (3,100 × 3,100) with 23 composites a year is
turned into yearly values for some years. Run by hand; the simulated reader costs about as much as
unpacking real tiles, and no network is asked:

    python tests/benchmarks/composites.py --years 2 --limit 1.5
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from affine import Affine

SIDE = 3100  # cells of 250 m: 3100² × 0.0625 km² = 600,625 km²
NODATA = -32768


class Simulated:
    """Composites of a large country: noise that depends on the place, a tenth under clouds."""

    def __init__(self, side: int, year: int):
        self.shape, self.crs = (side, side), "EPSG:6933"
        self.transform = Affine(250, 0, 0, 0, -250, 0)
        self.days = [date(year, 1, 1) + timedelta(days) for days in range(0, 365, 16)]

    def read(self, number: int, top: int, left: int, height: int, width: int) -> np.ndarray:
        random = np.random.default_rng((number, top, left))
        values = random.integers(1000, 9000, (height, width), dtype=np.int16)
        return np.where(values < 1800, np.int16(NODATA), values)


def peak() -> float:
    """Largest memory of this process so far, in GB (kilobytes on Linux, bytes on macOS)."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9


def main() -> int:
    """Print seconds a year, cells a second and the largest memory; 1 when above the limit."""
    from ldnkit.sources.open_data import composites

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--years", type=int, default=24)
    parser.add_argument("--side", type=int, default=SIDE)
    parser.add_argument("--block", type=int)
    parser.add_argument("--limit", type=float, default=1.5, help="GB")
    options = parser.parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        for year in range(2000, 2000 + options.years):
            reader, start = Simulated(options.side, year), time.perf_counter()
            path = Path(folder) / f"ndvi_{year}.tif"
            composites.annual(reader, year, path, block=options.block, progress=False)
            seconds = time.perf_counter() - start
            cells = options.side**2 * len(reader.days) / seconds / 1e6
            size = path.stat().st_size / 1e6
            said = f"{seconds:5.1f} s, {cells:5.1f} million values a second, {size:.0f} MB"
            print(f"{year}: {said}, largest memory {peak():.2f} GB", flush=True)
            path.unlink()
    print(f"{options.years} years: {time.perf_counter() - began:.0f} s, {peak():.2f} GB")
    return int(peak() > options.limit)


if __name__ == "__main__":
    sys.exit(main())
