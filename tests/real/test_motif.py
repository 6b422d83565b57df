"""New Guinea, 28 million cells of 300 m in an equal-area grid: land cover of 2001 and 2015.

The counts were taken from the files with rasterio and NumPy alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from ldnkit import areas, blocks, landcover, tables
from ldnkit.sources.rasters import Raster
from ldnkit.tables import NODATA

pytestmark = pytest.mark.real

HERE = Path(__file__).parent
NESTING = HERE / "nesting_motif.csv"
VALID, CHANGED = 9_358_246, 223_047
CELL = 0.09  # km²: 300 m × 300 m
AGRICULTURE, FOREST, GRASS, WATER = 1, 2, 3, 9
KNOWN = {
    (AGRICULTURE, FOREST): 125_954, (FOREST, AGRICULTURE): 74_468, (WATER, FOREST): 4_321,
    (FOREST, WATER): 4_221, (GRASS, FOREST): 3_506,
}  # fmt: skip


def change(arrays, grid, *, nesting):
    """A block: native codes, their classes and land cover degradation, counted."""
    first, last = (landcover.reclassify(arrays[name], nesting) for name in ("first", "last"))
    return {}, {
        "change": areas.crosstab(
            areas.cell_area(grid),
            first=arrays["first"],
            last=arrays["last"],
            from_class=first,
            to_class=last,
            degradation=landcover.degradation(first, last),
        )
    }


def count(folder, block=blocks.BLOCK, workers=2, rows=slice(None)) -> pd.DataFrame:
    """The island (or some rows of it), block by block."""
    import rasterio
    from odc.geo.geobox import GeoBox

    with rasterio.open(folder / "landcover2001.tif") as source:
        grid = GeoBox(source.shape, source.transform, source.crs.to_wkt())[rows]
    inputs = {
        "first": Raster(folder / "landcover2001.tif"),
        "last": Raster(folder / "landcover2015.tif"),
    }
    kernel = partial(change, nesting=tables.nesting(NESTING))
    return blocks.run(grid, inputs, kernel, block=block, workers=workers)["change"]


PROGRAM = """
import resource, sys
from pathlib import Path
here, folder, target = sys.argv[1:]
sys.path.insert(0, here)
import test_motif
test_motif.count(Path(folder), rows=slice(0, 64))  # loads and compiles what is needed
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = peak()
test_motif.count(Path(folder), block=1024).to_csv(target, index=False)
print(peak() - before)
"""


@pytest.fixture(scope="module")
def folder(shared_data):
    return shared_data / "motif"


@pytest.fixture(scope="module")
def measured(folder, tmp_path_factory):
    """The whole island in a process of its own: its table, and the memory it took (bytes)."""
    pytest.importorskip("resource", reason="memory is measured on Linux and macOS")
    target = tmp_path_factory.mktemp("motif") / "change.csv"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(HERE), str(folder), str(target)],
        capture_output=True,
        text=True,
        cwd=HERE.parents[1],
        env=os.environ | {"PYTHONPATH": str(HERE.parents[1])},
    )
    assert done.returncode == 0, done.stderr
    unit = 1 if sys.platform == "darwin" else 1024
    return pd.read_csv(target), float(done.stdout) * unit


@pytest.fixture(scope="module")
def table(measured):
    return measured[0]


@pytest.fixture(scope="module")
def valid(table):
    return table[(table["first"] != NODATA) & (table["last"] != NODATA)]


def test_known_counts(table, valid):
    assert table["cells"].sum() == 3_812 * 7_360
    assert valid["cells"].sum() == VALID
    assert valid[valid["first"] != valid["last"]]["cells"].sum() == CHANGED
    found = valid.set_index(["first", "last"])["cells"].to_dict()
    assert {pair: found[pair] for pair in KNOWN} == KNOWN
    # no cell has data in one year only
    assert table["cells"].sum() - VALID == table.query("first == last == @NODATA")["cells"].sum()


def test_areas_of_an_equal_area_grid_are_those_of_the_cells(valid):
    """Corners brought back to the ellipsoid give 300 m × 300 m again, from 0.1° to 10.4° south."""
    assert valid["area_km2"].sum() == pytest.approx(VALID * CELL, rel=1e-8)
    for row in valid.itertuples():
        assert row.area_km2 == pytest.approx(row.cells * CELL, rel=1e-8)


def test_every_transition_by_the_matrix(valid):
    """Classes and signs of all 40 pairs; 3, 6 and 7 are grassland, so changes among them vanish."""
    classes = {1: 3, 2: 1, 3: 2, 5: 5, 6: 2, 7: 2, 9: 7}
    matrix = tables.transition_matrix().set_index(["from", "to"])["sign"]
    assert len(valid) == 40
    for row in valid.itertuples():
        assert (row.from_class, row.to_class) == (classes[row.first], classes[row.last])
        assert row.degradation == matrix[row.from_class, row.to_class]
    degraded, improved = (
        valid.loc[valid["degradation"] == code, "cells"].sum() for code in (-1, 1)
    )
    # by hand: losses of forest but to water, and of the rest to settlements and other losses
    forest_lost = 74_468 + 2_761 + 99 + 87 + 1_616
    crop_lost = 16 + 168 + 514  # to grassland and sparse vegetation, to settlements
    assert degraded == forest_lost + crop_lost + 61  # and sparse vegetation to settlements
    forest_gained = 125_954 + 3_506 + 125 + 639  # from agriculture, grass, shrub, sparse
    crop_gained = 18 + 1_673 + 84  # grassland, shrubland, sparse vegetation to agriculture
    settlement_left = 15 + 5 + 1
    assert improved == forest_gained + crop_gained + settlement_left


def test_blocks_and_workers_do_not_show(folder):
    rows = slice(1_024, 1_536)
    one, three = (count(folder, workers=workers, rows=rows) for workers in (1, 3))
    pd.testing.assert_frame_equal(one, three, check_exact=True)
    # cell areas are interpolated within a block: another block size moves the eleventh digit
    other = count(folder, block=2_048, rows=rows)
    pd.testing.assert_frame_equal(other, one, check_exact=False, rtol=1e-9)


def test_memory_stays_bounded(measured):
    """Two maps of int16 would take 112 MB, their classes as much again, the areas 224 MB."""
    assert measured[1] < 150e6
