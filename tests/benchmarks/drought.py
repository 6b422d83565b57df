"""Time and memory of the drought index, measured by hand (not a test).

    python tests/benchmarks/drought.py FOLDER

FOLDER needs about 1 GB and keeps the synthetic input for the next time: monthly precipitation of
43 years, 500 × 500 cells, whole mm as int16 in a compressed Zarr folder. Every measurement is a
process of its own; the peak is that of resident memory. The same run measures the package
climate_indices on a small sample, with one thread for both. Write the closing lines into
README.md beside this file, with the machine and the date.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import platform
import resource
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import xarray as xr

SIZE, MONTHS, CHUNK = 500, 516, 100
SAMPLE = 40


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--one", choices=MEASURES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    source = options.folder / f"precipitation-{SIZE}-{MONTHS}.zarr"
    if options.one:
        print(json.dumps(MEASURES[options.one](source, options.workers)))
        return
    if not source.exists():
        make(source)
    print(f"{platform.platform()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    limits = {"MALLOC_ARENA_MAX": "2", "OMP_NUM_THREADS": "1"}  # as workbook.py sets them
    for name in MEASURES:
        command = [sys.executable, __file__, str(options.folder), "--one", name]
        answer = subprocess.run(
            [*command, "--workers", str(options.workers)],
            check=True,
            capture_output=True,
            text=True,
            env=os.environ | limits,
        )
        print(name, json.loads(answer.stdout.splitlines()[-1]))


def months():
    return xr.date_range("1981-01-01", periods=MONTHS, freq="MS")


def rain(random, shape) -> np.ndarray:
    """Whole mm: a rainy and a dry season, a different climate in every cell, dry months."""
    season = 60 * (1.05 + np.sin(np.arange(MONTHS) * np.pi / 6)).reshape(-1, 1, 1)
    variety = random.uniform(0.5, 6, shape)
    return np.round(random.gamma(variety, season / variety, (MONTHS, *shape))).astype(np.int16)


def make(path: Path) -> None:
    """The input, a chunk at a time."""
    import zarr

    random = np.random.default_rng(0)
    path.parent.mkdir(parents=True, exist_ok=True)
    xr.Dataset(coords={"time": months()}).to_zarr(path, zarr_format=3, consolidated=False)
    group = zarr.open_group(path, mode="r+")
    array = group.create_array(
        "precipitation",
        shape=(MONTHS, SIZE, SIZE),
        chunks=(MONTHS, CHUNK, CHUNK),
        dtype="int16",
        dimension_names=("time", "y", "x"),
        fill_value=-32768,
    )
    for row in range(0, SIZE, CHUNK):
        for column in range(0, SIZE, CHUNK):
            block = rain(random, (CHUNK, CHUNK))
            array[:, row : row + CHUNK, column : column + CHUNK] = block


def lazy(source: Path) -> xr.DataArray:
    """The input as a dask array of int16."""
    options = {"consolidated": False, "mask_and_scale": False, "chunks": {}}
    return xr.open_zarr(source, **options)["precipitation"]


@contextlib.contextmanager
def clock(found: dict):
    """Seconds of the clock and of the processors, and the peak of memory of the process."""
    before, start = os.times(), time.perf_counter()
    yield
    after = os.times()
    found["wall"] = round(time.perf_counter() - start, 2)
    found["cpu"] = round(after.user + after.system - before.user - before.system, 1)
    found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def in_blocks(source: Path, workers: int, *, month=None) -> dict:
    """From file to file, lazily: read, index, plain float32 written, chunk by chunk."""
    import shutil

    import dask

    from ldnkit import drought

    target, found = source.parent / "index.zarr", {}
    with clock(found), dask.config.set(scheduler="threads", num_workers=workers):
        index = drought.spi(lazy(source), month=month)
        options = {"mode": "w", "consolidated": False, "encoding": {"spi": {"compressors": None}}}
        index.to_dataset(name="spi").to_zarr(target, **options)
    shutil.rmtree(target)
    return found


def in_memory(source: Path, workers: int) -> dict:
    """December of an array of float32 that lies in memory; reading it is not measured."""
    from ldnkit import drought_kernels, timeaxis

    series = np.empty((MONTHS, SIZE, SIZE), np.float32)
    stored = lazy(source)
    for row in range(0, SIZE, CHUNK):
        for column in range(0, SIZE, CHUNK):
            part = {"y": slice(row, row + CHUNK), "x": slice(column, column + CHUNK)}
            series[:, part["y"], part["x"]] = stored.isel(part).values
    times, found = timeaxis.months(stored), {}
    with clock(found):
        drought_kernels.index_of_month(series, times, workers=workers)
    return found


def beside_climate_indices(source: Path, workers: int) -> dict:
    """SPI-12 of every month in a small sample, one thread each; the best of three."""
    from climate_indices import compute, indices

    from ldnkit import drought_kernels

    sample = rain(np.random.default_rng(1), (SAMPLE, SAMPLE)).astype(float)
    times = [(int(one.year), int(one.month)) for one in months()]

    def theirs():
        gamma, step = indices.Distribution.gamma, compute.Periodicity.monthly
        options = {"spatial_time_major": True}
        return indices.spi(sample, 12, gamma, 1981, 1981, 2010, step, **options)

    def best(function):
        seconds = []
        for _ in range(3):
            start = time.perf_counter()
            result = function()
            seconds.append(time.perf_counter() - start)
        return min(seconds), result

    ours, index = best(lambda: drought_kernels.index_of_all(sample, times))
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings(action="ignore"):
        other, expected = best(theirs)
    return {
        "values": sample.size,
        "ours": round(ours, 3),
        "climate_indices": round(other, 3),
        "ratio": round(other / ours, 1),
        "largest_difference": float(np.nanmax(abs(index - expected))),
    }


MEASURES = {
    "all months, file to file": in_blocks,
    "December, file to file": lambda source, workers: in_blocks(source, workers, month=12),
    "December, in memory": in_memory,
    "beside climate_indices": beside_climate_indices,
}

if __name__ == "__main__":
    main()
