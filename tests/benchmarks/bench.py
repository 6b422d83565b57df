"""Time and memory of the whole-country engine, measured by hand (not a test).

    python tests/benchmarks/bench.py FOLDER            # 4000 × 4000 cells, chain and integration
    python tests/benchmarks/bench.py FOLDER --twice    # and 8000 × 8000, with the ratios

FOLDER needs about 2 GB (7 GB with --twice) and keeps the synthetic input for the next time.
Every measurement is a process of its own on compressed GeoTIFF in and out; CPU seconds and the
peak of resident memory are those of that process. Compiled code is warm; the cold cost of
compiling is measured apart. Write the closing table into README.md beside this file, with the
machine and the date.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import yaml

LAND_COVER_YEARS = (2000, 2015, 2016, 2019, 2022)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--twice", action="store_true", help="also 8000 × 8000 cells")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--one", nargs=2, metavar=("WHAT", "COUNTRY"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        measure_here(*options.one, options.workers)
        return
    rows = [trend_speed(options.workers)]
    for size in (4000, 8000) if options.twice else (4000,):
        chain = country_with_everything(options.folder / f"landia-{size}", size)
        rows.append({"what": f"whole chain, {size}²", **measure("chain", chain, options.workers)})
        ready = country_with_ready_layers(chain, options.folder / f"landia-{size}")
        rows.append({"what": f"integration, {size}²", **measure("ready", ready, options.workers)})
    report(rows)


def country_with_everything(folder: Path, size: int) -> Path:
    """Synthetic Landia whose boundary is the whole raster: every cell counts."""
    from ldnkit.sources import sample

    if not (folder / "country.yml").exists():
        sample.make(folder, size=(size, size))
    return _edited(folder, "chain.yml", {})


def country_with_ready_layers(chain: Path, folder: Path) -> Path:
    """The same with dynamics and stocks given, taken from the results of the chain."""
    layers = (_outputs(chain) / "XLD" / "layers").resolve()
    return _edited(
        folder,
        "ready.yml",
        {
            "productivity": {
                "source": "default",
                "lpd": {
                    name: str(layers / f"land_productivity_{name}.tif")
                    for name in ("baseline", "report_1", "report_2")
                },
            },
            "soil": {
                "source": "default",
                "tier": 2,
                "stocks": {
                    year: str(layers / f"soil_stock_{year}.tif")
                    for year in (2000, 2015, 2019, 2023)
                },
            },
        },
    )


def _edited(folder: Path, name: str, sections: dict) -> Path:
    import geopandas as gpd
    import rasterio
    from shapely import box

    content = yaml.safe_load((folder / "country.yml").read_text(encoding="utf-8"))
    files = content["land_cover"]["files"]
    content["land_cover"]["files"] = {year: files[year] for year in LAND_COVER_YEARS}
    content["boundary"] = {"file": "everything.gpkg", "rule": "centre"}
    content["grid"] = {"from": "land_cover"}
    with rasterio.open(folder / content["land_cover"]["files"][2000]) as source:
        frame = gpd.GeoDataFrame(geometry=[box(*source.bounds)], crs=source.crs)
    frame.to_file(folder / "everything.gpkg")
    content |= sections
    path = folder / name
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return path


def _outputs(country: Path) -> Path:
    return country.parent.parent / f"out-{country.parent.name}-{country.stem}"


def measure(what: str, country: Path, workers: int) -> dict:
    """Run one measurement in a process of its own; warm first, so that nothing compiles."""
    command = [sys.executable, __file__, str(country.parent), "--workers", str(workers)]
    limits = {"MALLOC_ARENA_MAX": "2", "OMP_NUM_THREADS": "1"}  # as workbook.py sets them
    answer = subprocess.run(
        [*command, "--one", what, str(country)],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | limits,
    )
    return json.loads(answer.stdout.splitlines()[-1])


def measure_here(what: str, country: str, workers: int) -> None:
    import ldnkit
    from ldnkit import productivity_kernels

    start = time.perf_counter()
    productivity_kernels.trend(np.zeros((16, 4), np.int16), range(16))
    productivity_kernels.trend(np.zeros((16, 4), np.float32), range(16))
    warm = time.perf_counter() - start
    opened = ldnkit.open_country(country, outputs=_outputs(Path(country)))
    cells = int(np.prod(opened.grid.shape))
    before, clock = os.times(), time.perf_counter()
    parts = {}
    for indicator in ("land_cover", "productivity", "soil", "degradation"):
        used = os.times()
        ldnkit.compute(opened, indicator, workers=workers, progress=False)
        parts[indicator] = _cpu(used)
    found = {
        "cells": cells,
        "cpu": _cpu(before),
        "wall": round(time.perf_counter() - clock, 1),
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "parts": parts,
        "warm": round(warm, 2),
    }
    import shutil

    if what == "ready":
        shutil.rmtree(_outputs(Path(country)))
    else:  # the next run computes again, the layers stay for the other measurement
        (_outputs(Path(country)) / "XLD" / "results.json").unlink()
    print(json.dumps(found))


def _cpu(before) -> float:
    now = os.times()
    return round(now.user + now.system - before.user - before.system, 1)


def trend_speed(workers: int) -> dict:
    """Cells a second of the trend kernel on 16 years of random integers with ties."""
    from concurrent.futures import ThreadPoolExecutor

    from ldnkit import productivity_kernels

    values = np.random.default_rng(0).integers(2000, 8000, (16, 2_000_000)).astype(np.int16)
    years = range(2000, 2016)
    found = {"what": "trend kernel, cells a second", "cells": values.shape[1] * workers}
    for name, detail in (("classes", False), ("with p", True)):
        productivity_kernels.trend(values[:, :1000], years, detail=detail)
        with ThreadPoolExecutor(workers) as pool:
            clock = time.perf_counter()
            list(
                pool.map(
                    lambda _, detail=detail: productivity_kernels.trend(
                        values, years, detail=detail
                    ),
                    range(workers),
                )
            )
        found[name] = round(found["cells"] / (time.perf_counter() - clock) / 1e6, 1)
    return found


def report(rows: list[dict]) -> None:
    print(f"{platform.platform()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    for row in rows:
        print(row)
    by_name = {row["what"]: row for row in rows}
    for name in ("whole chain", "integration"):
        small, large = by_name.get(f"{name}, 4000²"), by_name.get(f"{name}, 8000²")
        if small and large:
            print(
                f"{name}: 8000² costs {large['cpu'] / small['cpu']:.2f} × the CPU time and "
                f"{large['peak'] / small['peak']:.2f} × the memory of 4000²"
            )


if __name__ == "__main__":
    main()
