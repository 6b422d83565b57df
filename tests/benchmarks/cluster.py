"""Blocks on a cluster of one machine, against threads (measured by hand, not a test).

    python tests/benchmarks/cluster.py FOLDER [--size 4000]

The synthetic country is made once in FOLDER. Threads, one worker process and two worker
processes run in one go, after a warm-up; write the lines into README.md with machine and date.
"""

from __future__ import annotations

import argparse
import shutil
import time
import warnings
from pathlib import Path

INDICATORS = ("land_cover", "productivity", "soil", "degradation")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", type=int, default=4000)
    options = parser.parse_args()
    path = made(options.folder / f"landia-{options.size}", options.size)
    warnings.simplefilter("ignore")
    run(path, options.folder / "warm", workers=2)
    seconds = {}
    for workers in (1, 2):
        seconds[f"threads, {workers}"] = run(path, options.folder / "out", workers=workers)
        seconds[f"processes, {workers}"] = on_cluster(path, options.folder / "out", workers)
    base = seconds["threads, 1"]
    for what, taken in seconds.items():
        print(f"| {what} | {taken:.1f} s | {base / taken:.2f} |")


def made(folder: Path, size: int) -> Path:
    from ldnkit.sources import sample

    if not (folder / "country.yml").exists():
        sample.make(folder, size=(size, size))
    return folder / "country.yml"


def on_cluster(path: Path, outputs: Path, workers: int) -> float:
    from distributed import Client, LocalCluster

    options = {"n_workers": workers, "threads_per_worker": 1, "dashboard_address": None}
    with LocalCluster(**options) as cluster, Client(cluster) as client:
        client.run(warm)
        return run(path, outputs, executor=client)


def warm() -> None:
    import ldnkit.kernels
    import ldnkit.productivity  # noqa: F401


def run(path: Path, outputs: Path, **options) -> float:
    import ldnkit

    shutil.rmtree(outputs, ignore_errors=True)
    country = ldnkit.open_country(path, outputs=outputs)
    began = time.perf_counter()
    for indicator in INDICATORS:
        ldnkit.compute(country, indicator, progress=False, **options)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
